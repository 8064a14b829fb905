// Passkeys: the sign-in library makes and checks them (WebAuthn); here they are listed, named and removed. One is added only
// where the authenticator has seen to it that its owner is there: it is both factors at once.
import type { AddedPasskey, Passkey } from '@parley/contract/second-factor';
import { z } from 'zod';
import type { Origin } from '../../../core/context.ts';
import type { Queries } from '../../../core/database.ts';
import { conflict, notFound, ParleyError } from '../../../core/errors.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { inAccount } from '../in-account.ts';
import { makeCodeSet } from './backup-codes.ts';
import { passkeyAdded, passkeyRemoved } from './events.ts';
import { beginWithFactor, settleWithout } from './has-factor.ts';
import { askLibrary } from './library-call.ts';
import { mailChange } from './mails.ts';

const passkeysMax = 20;

interface PasskeyRow {
  readonly id: string;
  readonly name: string | null;
  readonly backed_up: boolean;
  readonly created_at: Date | string;
  readonly last_used_at: Date | string | null;
}

export async function listPasskeys(queries: Queries, userId: string): Promise<Passkey[]> {
  const rows = await queries.sql<PasskeyRow>(
    `select id, name, backed_up, created_at, last_used_at from passkeys where user_id = $1
     order by created_at, id`,
    [userId],
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name ?? '',
    createdAt: new Date(row.created_at).toISOString(),
    lastUsedAt: row.last_used_at ? new Date(row.last_used_at).toISOString() : null,
    isSynced: row.backed_up,
  }));
}

/** What the browser needs to make one. @throws ParleyError 409 `too_many_passkeys` */
export async function beginPasskey(kernel: Kernel, userId: string, headers: Headers) {
  const known = await kernel.database.asSystem((queries) => listPasskeys(queries, userId));
  if (known.length >= passkeysMax)
    throw conflict('too_many_passkeys', `There are ${passkeysMax} passkeys already: remove one first.`);
  return askLibrary(kernel, headers, 'GET', 'passkey/generate-register-options');
}

/** @throws ParleyError 400 `passkey_refused` */
export async function addPasskey(
  kernel: Kernel,
  userId: string,
  input: { name: string; response: object },
  headers: Headers,
  origin: Origin,
): Promise<AddedPasskey> {
  const answer = await askLibrary(kernel, headers, 'POST', 'passkey/verify-registration', input);
  const made = answer.body as { id?: string };
  if (answer.status !== 200 || !made.id) throw passkeyRefused();
  const set = await makeCodeSet();
  const isFirst = await inAccount(kernel, userId, origin, async (queries, tell) => {
    tell(passkeyAdded);
    return beginWithFactor(queries, userId, set, origin);
  });
  if (isFirst) kernel.bus.publish(credentialsChanged);
  await mailChange(kernel, userId, 'passkeyAdded');
  const passkeys = await kernel.database.asSystem((queries) => listPasskeys(queries, userId));
  const passkey = passkeys.find(({ id }) => id === made.id);
  if (!passkey) throw notFound('passkey');
  return { passkey, codes: isFirst ? [...set.codes] : null };
}

/** @throws ParleyError 404 */
export async function renamePasskey(
  kernel: Kernel,
  userId: string,
  id: string,
  name: string,
): Promise<Passkey> {
  return kernel.database.asSystem(async (queries) => {
    await queries.sql('update passkeys set name = $3 where user_id = $1 and id = $2', [userId, id, name]);
    const renamed = (await listPasskeys(queries, userId)).find((one) => one.id === id);
    if (!renamed) throw notFound('passkey');
    return renamed;
  });
}

/** @throws ParleyError 404 */
export async function removePasskey(
  kernel: Kernel,
  userId: string,
  id: string,
  origin: Origin,
): Promise<void> {
  await inAccount(kernel, userId, origin, async (queries, tell) => {
    const gone = await queries.sql('delete from passkeys where user_id = $1 and id = $2 returning 1 as one', [
      userId,
      id,
    ]);
    if (gone.length === 0) throw notFound('passkey');
    tell(passkeyRemoved);
    await settleWithout(queries, userId);
  });
  await mailChange(kernel, userId, 'passkeyRemoved');
}

/** Whether the response is of a passkey of theirs. The library begins a session with it, which nobody gets. */
export async function isTheirPasskey(
  kernel: Kernel,
  userId: string,
  response: object,
  headers: Headers,
): Promise<boolean> {
  const strangers = new Headers(headers);
  // Without their own session: whoever signs in again leaves none behind.
  const cookies = (headers.get('cookie') ?? '')
    .split('; ')
    .filter((pair) => !pair.includes('session_token='));
  strangers.set('cookie', cookies.join('; '));
  const { status, body } = await askLibrary(kernel, strangers, 'POST', 'passkey/verify-authentication', {
    response,
  });
  const { data: begun } = begunSession.safeParse(body);
  if (status !== 200 || !begun) return false;
  await kernel.database.asSystem((queries) =>
    queries.sql('delete from sessions where id = $1', [begun.session.id]),
  );
  return begun.session.userId === userId;
}

const begunSession = z.object({ session: z.object({ id: z.string(), userId: z.string() }) });

function passkeyRefused(): ParleyError {
  return new ParleyError({
    status: 400,
    code: 'passkey_refused',
    message: 'The passkey could not be checked. Try again.',
  });
}
