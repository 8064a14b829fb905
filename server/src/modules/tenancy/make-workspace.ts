// Makes a workspace with its first key and its owner, and tells of it, in one transaction, so that its audit begins with that.
// Only the one of the first start is made without.
import { isSupportedCountry } from 'libphonenumber-js/max';
import type { Origin } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import { validationError } from '../../core/errors.ts';
import type { ActorReference } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { memberCreated, workspaceCreated } from './events.ts';

interface NewWorkspace {
  readonly name: string;
  readonly defaultCountry: string | null;
  readonly timeZone: string | null;
  readonly ownerId: string;
}

/**
 * @param before looks, in the same transaction, whether it may be made
 * @returns its id
 * @throws ParleyError 400 for a country without numbers
 */
export async function makeWorkspace(
  kernel: Kernel,
  { name, defaultCountry, timeZone, ownerId }: NewWorkspace,
  teller: { readonly actor: ActorReference; readonly origin: Origin },
  before: (queries: Queries) => Promise<void> = async () => undefined,
): Promise<string> {
  if (defaultCountry && !isSupportedCountry(defaultCountry))
    throw validationError(`There are no phone numbers of ${defaultCountry}.`);
  const workspaceId = newId();
  const key = await kernel.keyring.first(workspaceId);
  await kernel.systemTransaction(
    async (queries, _enqueue, tell) => {
      await before(queries);
      await queries.sql(
        'insert into workspaces (workspace_id, name, default_country, time_zone) values ($1, $2, $3, $4)',
        [workspaceId, name, defaultCountry, timeZone],
      );
      await key.store(queries);
      await queries.sql(
        "insert into members (workspace_id, user_id, role, created_at) values ($1, $2, 'owner', $3)",
        [workspaceId, ownerId, kernel.clock.date()],
      );
      tell({ workspaceId, ...teller }, workspaceCreated, {});
      tell({ workspaceId, ...teller }, memberCreated, { userId: ownerId, role: 'owner' });
    },
    [key.vault],
  );
  return workspaceId;
}
