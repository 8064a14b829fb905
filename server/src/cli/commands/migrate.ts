// The database's schema: what was applied, what waits, one way and back.
import { z } from 'zod';
import { type MigrationState, migrateDown, migrateUp, migrationStatus } from '../../core/migrations.ts';
import { commandError, defineCommand, table } from '../command.ts';

const numbered = z.coerce.number().int();

export const migrateUpCommand = defineCommand({
  name: 'migrate up',
  description: 'Apply the migrations that are missing',
  place: 'anywhere',
  input: z.object({ to: numbered.min(1).optional().describe('the last one to apply; all when absent') }),
  run: async (host, { to }) => ({ applied: await migrateUp(await host.database(), to) }),
  print: ({ applied }) =>
    applied === 0
      ? 'Everything was applied already.'
      : `${applied} migration${applied === 1 ? ' was' : 's were'} applied.`,
});

export const migrateDownCommand = defineCommand({
  name: 'migrate down',
  description: 'Undo migrations, newest first. What they made is lost',
  place: 'alone',
  input: z.object({
    to: numbered.min(0).optional().describe('the last one that stays; without it, only the newest is undone'),
    yes: z.boolean().default(false).describe('really do it'),
  }),
  run: async (host, { to, yes }) => {
    const database = await host.database();
    const applied = (await migrationStatus(database)).filter((migration) => migration.appliedAt);
    const newest = applied.at(-1);
    const undone = applied.filter((migration) => migration.number > (to ?? (newest?.number ?? 0) - 1));
    if (undone.length === 0) return { undone: 0 };
    if (!yes) {
      throw commandError(
        'not_confirmed',
        `This undoes ${undone.map(({ number, name }) => `${number} ${name}`).join(', ')} and what is in their tables. Say --yes to do it.`,
      );
    }
    return { undone: await migrateDown(database, to ?? (newest?.number ?? 1) - 1) };
  },
  print: ({ undone }) =>
    undone === 0
      ? 'There is nothing to undo.'
      : `${undone} migration${undone === 1 ? ' was' : 's were'} undone.`,
});

export const migrateStatusCommand = defineCommand({
  name: 'migrate status',
  description: 'Show which migrations were applied',
  place: 'anywhere',
  input: z.object({}),
  run: async (host) => {
    const migrations = await migrationStatus(await host.database());
    return {
      pending: migrations.filter((migration) => !migration.appliedAt).length,
      changed: migrations.filter((migration) => migration.changed).length,
      migrations: migrations.map(toRecord),
    };
  },
  print: ({ migrations }) =>
    table(
      ['number', 'name', 'applied'],
      migrations.map(({ number, name, appliedAt, changed }) => [
        String(number),
        name,
        `${appliedAt ?? 'no'}${changed ? ' (the file was changed since)' : ''}`,
      ]),
    ),
  failed: ({ changed }) => changed > 0,
});

function toRecord({ number, name, appliedAt, changed }: MigrationState) {
  return { number, name, appliedAt: appliedAt?.toISOString() ?? null, changed };
}
