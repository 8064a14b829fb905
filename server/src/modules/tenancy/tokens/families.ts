// Families of tokens: a program of a user holds a refresh token that serves once, and gets the next one with its answer. One
// that is used again was held by two: nobody can tell who of them is the thief, and the family ends.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Tokens } from '@parley/contract/sessions';
import { z } from 'zod';
import type { Origin, SystemContext } from '../../../core/context.ts';
import type { Queries } from '../../../core/database.ts';
import { ParleyError } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { defineJob } from '../../../core/queue.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { tokensMade } from '../audit/events.ts';
import { inAccount, type TellOfAccount } from '../in-account.ts';
import { signAccessToken } from './access-tokens.ts';
import { tellTokenReuse } from './reuse.ts';

const dayMs = 86_400_000;
/** Without being used. */
const refreshDays = 30;
/** However often it is renewed. */
const familyDays = 90;
/** An answer that was lost is asked for again within this time. */
const againMs = 60_000;
/** A user has hardly more programs; the one that was used least recently ends. */
const familiesMax = 50;

const prefix = 'pr_';
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

interface Family {
  readonly id: string;
  readonly user_id: string;
  readonly only_workspace: string | null;
  readonly expires_at: Date | string;
  readonly ended_at: Date | string | null;
}

export interface NewFamily {
  readonly userId: string;
  /** The session that asks. */
  readonly sessionId: string;
  readonly name: string | null;
  readonly way: string;
  readonly onlyWorkspace: string | null;
  readonly origin: Origin;
}

/** @throws ParleyError 401 where the session has ended meanwhile */
export async function openFamily(kernel: Kernel, input: NewFamily): Promise<Tokens> {
  const id = newId();
  const now = kernel.clock.now();
  const token = `${prefix}${randomBytes(32).toString('base64url')}`;
  const { userId, onlyWorkspace, origin } = input;
  const familyEnds = now + familyDays * dayMs;
  const open = async (queries: Queries, tell: TellOfAccount) => {
    // Held as it is: a change of the password ends sessions, then families, and must not leave one that was opened in between.
    const opened = await queries.sql(
      `insert into token_families
         (id, user_id, name, device, address, way, only_workspace, created_at, last_used_at, expires_at)
       select $1, user_id, $3, $4, $5, $6, $7, $8, $8, $9 from sessions where id = $10 and user_id = $2 for share
       returning 1 as one`,
      [
        id,
        userId,
        input.name,
        origin.device,
        origin.address,
        input.way,
        onlyWorkspace,
        new Date(now),
        new Date(familyEnds),
        input.sessionId,
      ],
    );
    if (opened.length === 0) throw sessionOver();
    await queries.sql(
      `update token_families set ended_at = $2 where id in
         (select id from token_families where user_id = $1 and ended_at is null
          order by last_used_at desc, id desc offset ${familiesMax})`,
      [userId, new Date(now)],
    );
    tell(tokensMade, { tokensId: id, expiresAt: new Date(familyEnds).toISOString() });
    return addToken(queries, id, token, now, familyEnds);
  };
  const expiresAt = await inAccount(kernel, userId, origin, open, undefined, onlyWorkspace);
  return answer(kernel, { id, userId, onlyWorkspace }, token, expiresAt);
}

async function addToken(
  queries: Queries,
  familyId: string,
  token: string,
  now: number,
  familyEnds: number,
): Promise<Date> {
  const expiresAt = new Date(Math.min(now + refreshDays * dayMs, familyEnds));
  await queries.sql(
    'insert into refresh_tokens (hash, family_id, issued_at, expires_at) values ($1, $2, $3, $4)',
    [hashOf(token), familyId, new Date(now), expiresAt],
  );
  return expiresAt;
}

async function answer(
  kernel: Kernel,
  family: { id: string; userId: string; onlyWorkspace: string | null },
  refreshToken: string,
  refreshTokenExpiresAt: Date,
): Promise<Tokens> {
  const { token, expiresAt } = await signAccessToken(kernel, { ...family, familyId: family.id });
  return {
    id: family.id,
    tokenType: 'Bearer',
    accessToken: token,
    accessTokenExpiresAt: expiresAt.toISOString(),
    refreshToken,
    refreshTokenExpiresAt: refreshTokenExpiresAt.toISOString(),
  };
}

interface TokenRow extends Family {
  readonly token_expires_at: Date | string;
  readonly used_at: Date | string | null;
  readonly renewal_hash: string | null;
  readonly successor_hash: string | null;
}

type Outcome =
  | { readonly kind: 'refused' }
  | { readonly kind: 'reused' }
  | { readonly kind: 'renewed'; readonly family: Family; readonly token: string; readonly expiresAt: Date };

/**
 * The next tokens. The refresh token serves once; with the renewal's own number, the same answer is given again within a
 * minute, as long as nothing was done with it. That is safe: who has stolen a used token does not have the number.
 * @throws ParleyError 401
 */
export async function renewFamily(
  kernel: Kernel,
  { refreshToken, renewalId }: { refreshToken: string; renewalId?: string | undefined },
  origin: Origin,
): Promise<Tokens> {
  const outcome = await kernel.systemTransaction(async (queries, enqueue): Promise<Outcome> => {
    const [row] = await queries.sql<TokenRow>(
      `select f.id, f.user_id, f.only_workspace, f.expires_at, f.ended_at, t.expires_at as token_expires_at,
         t.used_at, t.renewal_hash, t.successor_hash
       from refresh_tokens t join token_families f on f.id = t.family_id where t.hash = $1 for update`,
      [hashOf(refreshToken)],
    );
    const now = kernel.clock.now();
    if (!row || row.ended_at !== null || new Date(row.expires_at).getTime() <= now)
      return { kind: 'refused' };
    const successor = successorOf(kernel, refreshToken, renewalId);
    if (row.used_at !== null) {
      const again = await answerAgain(queries, row, successor, renewalId, now);
      if (again) return again;
      await queries.sql('update token_families set ended_at = $2, reused_at = $2 where id = $1', [
        row.id,
        new Date(now),
      ]);
      enqueue(tellTokenReuse, { familyId: row.id });
      return { kind: 'reused' };
    }
    if (new Date(row.token_expires_at).getTime() <= now) return { kind: 'refused' };
    await queries.sql(
      'update refresh_tokens set used_at = $2, renewal_hash = $3, successor_hash = $4 where hash = $1',
      [hashOf(refreshToken), new Date(now), renewalId ? hashOf(renewalId) : null, hashOf(successor)],
    );
    await queries.sql(
      'update token_families set last_used_at = $2, address = $3, device = coalesce($4, device) where id = $1',
      [row.id, new Date(now), origin.address, origin.device],
    );
    const expiresAt = await addToken(queries, row.id, successor, now, new Date(row.expires_at).getTime());
    return { kind: 'renewed', family: row, token: successor, expiresAt };
  });
  if (outcome.kind === 'reused') kernel.bus.publish(credentialsChanged);
  if (outcome.kind !== 'renewed') throw refused(outcome.kind === 'reused');
  const { family, token, expiresAt } = outcome;
  return answer(
    kernel,
    { id: family.id, userId: family.user_id, onlyWorkspace: family.only_workspace },
    token,
    expiresAt,
  );
}

/** With a number of the renewal it can be made again, by us alone; without one it is random. */
function successorOf(kernel: Kernel, refreshToken: string, renewalId: string | undefined): string {
  const secret = renewalId
    ? createHmac('sha256', kernel.deriveKey('refresh tokens')).update(`${refreshToken} ${renewalId}`).digest()
    : randomBytes(32);
  return `${prefix}${secret.toString('base64url')}`;
}

async function answerAgain(
  queries: Queries,
  row: TokenRow,
  successor: string,
  renewalId: string | undefined,
  now: number,
): Promise<Outcome | null> {
  if (!renewalId || row.renewal_hash !== hashOf(renewalId) || row.successor_hash !== hashOf(successor))
    return null;
  if (now - new Date(row.used_at ?? 0).getTime() > againMs) return null;
  const [next] = await queries.sql<{ expires_at: Date | string }>(
    'select expires_at from refresh_tokens where hash = $1 and used_at is null',
    [row.successor_hash],
  );
  return next
    ? { kind: 'renewed', family: row, token: successor, expiresAt: new Date(next.expires_at) }
    : null;
}

const sessionOver = () =>
  new ParleyError({ status: 401, code: 'unauthenticated', message: 'This session is over. Sign in again.' });

const refused = (reused: boolean) =>
  new ParleyError({
    status: 401,
    code: reused ? 'refresh_token_reused' : 'unauthenticated',
    message: reused
      ? 'This refresh token was used before: its tokens have ended. Sign in again.'
      : 'This refresh token is worth nothing. Sign in again.',
  });

/** Ends what programs hold of a user, e.g. because the password that opened it has changed. */
export async function endFamiliesOf(queries: Queries, userId: string): Promise<void> {
  await queries.sql('update token_families set ended_at = now() where user_id = $1 and ended_at is null', [
    userId,
  ]);
}

export const forgetTokens = defineJob({
  name: 'tenancy.forget_tokens',
  doc: 'Deletes refresh tokens that have expired, and families that ended a week ago.',
  input: z.object({}),
  effect: 'system',
});

export async function forgetOldTokens(ctx: SystemContext): Promise<void> {
  const now = ctx.clock.now();
  await ctx.system(async (queries) => {
    await queries.sql('delete from refresh_tokens where expires_at < $1', [new Date(now)]);
    await queries.sql('delete from token_families where ended_at < $1 or expires_at < $1', [
      new Date(now - 7 * dayMs),
    ]);
    // Those whose last token has expired have ended too.
    await queries.sql(
      `update token_families f set ended_at = $1 where ended_at is null and not exists
         (select 1 from refresh_tokens t where t.family_id = f.id and t.used_at is null)`,
      [new Date(now)],
    );
  });
}
