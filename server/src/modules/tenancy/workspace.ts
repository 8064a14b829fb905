// What a workspace is called, and where its people are.
import type { ChangeWorkspace, Workspace } from '@parley/contract/tenancy';
import { eq } from 'drizzle-orm';
import { isSupportedCountry } from 'libphonenumber-js/max';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound, validationError } from '../../core/errors.ts';
import { workspaceChanged } from './events.ts';
import { workspaces } from './tables.ts';

export async function readWorkspace(ctx: Context): Promise<Workspace> {
  return ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle.select().from(workspaces).where(eq(workspaces.id, tx.workspaceId));
    return toWorkspace(tx, row);
  });
}

/** What the input does not name stays. @throws ParleyError 400 for a country whose numbers nobody knows */
export async function changeWorkspace(ctx: Context, input: ChangeWorkspace): Promise<Workspace> {
  const { defaultCountry, codeCountries = [] } = input;
  for (const country of [...(defaultCountry ? [defaultCountry] : []), ...codeCountries]) {
    if (!isSupportedCountry(country)) throw validationError(`There are no phone numbers of ${country}.`);
  }
  if (Object.keys(input).length === 0) return readWorkspace(ctx);
  return ctx.transaction(async (tx) => {
    const [row] = await tx.drizzle
      .update(workspaces)
      .set(input)
      .where(eq(workspaces.id, tx.workspaceId))
      .returning();
    tx.append(workspaceChanged, { changed: Object.keys(input) });
    return toWorkspace(tx, row);
  });
}

/** The zone in which its people say "tomorrow at 3". */
export async function timeZoneOf(tx: TransactionContext): Promise<string> {
  const [row] = await tx.sql<{ time_zone: string | null }>(
    'select time_zone from workspaces where workspace_id = $1',
    [tx.workspaceId],
  );
  return row?.time_zone ?? tx.config.PARLEY_TIME_ZONE;
}

function toWorkspace(tx: TransactionContext, row: typeof workspaces.$inferSelect | undefined): Workspace {
  if (!row) throw notFound('workspace');
  const { id, name, defaultCountry, timeZone, codeCountries, secondFactor } = row;
  const { PARLEY_TIME_ZONE: installationTimeZone } = tx.config;
  return { id, name, defaultCountry, timeZone, codeCountries, secondFactor, installationTimeZone };
}
