// API keys, made and revoked by whoever may read the data folder.
import { displayName } from '@parley/contract/common';
import { keyExpiry, role } from '@parley/contract/tenancy';
import { z } from 'zod';
import { type CommandHost, defineCommand, table } from '../command.ts';

/** What the commands do is loaded when one of them runs. */
async function enter(host: CommandHost, workspace: string | undefined) {
  const [{ contextOf }, { createKey, listKeys, revokeKey }] = await Promise.all([
    import('../workspaces.ts'),
    import('../../modules/tenancy/tenancy.ts'),
  ]);
  return { ctx: await contextOf(await host.app(), workspace), createKey, listKeys, revokeKey };
}

const workspace = z
  .string()
  .optional()
  .describe('the workspace, by id or name; not needed when there is only one');

const moment = z.union([
  z.iso.datetime({ offset: true }),
  z.iso.date().transform((day) => `${day}T23:59:59.999Z`),
  z
    .string()
    .regex(/^\d{1,4}d$/, 'is a day (2027-01-31), a moment (ISO 8601) or a number of days (90d)')
    .transform((days) => new Date(Date.now() + Number.parseInt(days, 10) * 86_400_000).toISOString()),
]);
const expiresAt = moment.transform((at) => new Date(at).toISOString()).pipe(keyExpiry);

export const keyCreateCommand = defineCommand({
  name: 'key create',
  description: 'Make an API key; it is shown this once',
  place: 'anywhere',
  input: z.object({
    role: role.default('admin').describe('what it may do: owner, admin, agent or viewer'),
    name: displayName(100).default('command line').describe('what it is for'),
    expires: expiresAt
      .optional()
      .describe('when it stops working: 2027-01-31, a moment in ISO 8601, or 90d; never when absent'),
    workspace,
  }),
  run: async (host, input) => {
    const { ctx, createKey } = await enter(host, input.workspace);
    return createKey(ctx, {
      name: input.name,
      role: input.role,
      ...(input.expires ? { expiresAt: input.expires } : {}),
    });
  },
  print: ({ key, role: made, name, expiresAt: until }) =>
    `${key}\n\nThe key "${name}" acts as ${made}${until ? ` until ${until}` : ''}. It is shown this once; send it as "Authorization: Bearer …".`,
});

export const keyListCommand = defineCommand({
  name: 'key list',
  description: 'List the API keys of a workspace',
  place: 'anywhere',
  input: z.object({ workspace }),
  run: async (host, input) => {
    const { ctx, listKeys } = await enter(host, input.workspace);
    return listKeys(ctx, { limit: 200 });
  },
  print: ({ items }) =>
    items.length === 0
      ? 'There is no API key.'
      : table(
          ['id', 'begins with', 'role', 'name', 'last used', 'expires'],
          items.map((key) => [
            key.id,
            key.prefix,
            key.role,
            key.name,
            key.lastUsedAt ?? 'never',
            key.expiresAt ?? 'never',
          ]),
        ),
});

export const keyRevokeCommand = defineCommand({
  name: 'key revoke',
  description: 'Revoke an API key; it stops working at once',
  place: 'anywhere',
  positional: 'id',
  input: z.object({ id: z.uuid().describe('the id of the key'), workspace }),
  run: async (host, input) => {
    const { ctx, revokeKey } = await enter(host, input.workspace);
    await revokeKey(ctx, input.id);
    return { revoked: input.id };
  },
  print: ({ revoked }) => `The key ${revoked} is revoked.`,
});
