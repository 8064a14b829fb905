// Whether a user has a second factor, and what begins and ends with the first and the last of them.
import type { Origin } from '../../../core/context.ts';
import type { Queries } from '../../../core/database.ts';
import { endFamiliesOf } from '../tokens/families.ts';
import { backupCodesLeft, type CodeSet, forgetBackupCodes, keepCodeSet } from './backup-codes.ts';
import { forgetDevices } from './remembered-devices.ts';

/** SQL: whether a user has a second factor. `user` is a column or a parameter. */
export const hasFactor = (user: string) =>
  `(${hasStrongFactor(user)}
    or exists (select 1 from member_phone_numbers where user_id = ${user} and second_factor))`;

/** SQL: whether a user has one that is more than a text. */
export const hasStrongFactor = (user: string) =>
  `(exists (select 1 from totp_secrets where user_id = ${user} and confirmed_at is not null)
    or exists (select 1 from passkeys where user_id = ${user}))`;

export async function hasSecondFactor(queries: Queries, userId: string): Promise<boolean> {
  const [row] = await queries.sql<{ has: boolean }>(`select ${hasFactor('$1')} as has`, [userId]);
  return row?.has ?? false;
}

/**
 * SQL: whether a password, or an account elsewhere, does not open the account alone. That is so too while backup codes are left
 * without what they stood in for: they go with the last factor that their user gives up, and stay where it was taken, as a
 * number goes with its workspace.
 */
export const asksFactor = (user: string) =>
  `(${hasFactor(user)} or exists (select 1 from backup_codes where user_id = ${user} and used_at is null))`;

export async function asksSecondFactor(queries: Queries, userId: string): Promise<boolean> {
  const [row] = await queries.sql<{ asks: boolean }>(`select ${asksFactor('$1')} as asks`, [userId]);
  return row?.asks ?? false;
}

/**
 * Holds the account for who sets a factor up, and for who is about to be let in without one: the one who comes second sees what
 * the first has done. Call it first, so that two never wait for each other.
 */
export async function holdFactors(queries: Queries, userId: string, as: 'setting' | 'asking'): Promise<void> {
  const strength = as === 'setting' ? 'no key update' : 'share';
  await queries.sql(`select 1 from users where id = $1 for ${strength}`, [userId]);
}

/** Whether codes by text are one. */
export async function hasSms(queries: Queries, userId: string): Promise<boolean> {
  const rows = await queries.sql('select 1 from member_phone_numbers where user_id = $1 and second_factor', [
    userId,
  ]);
  return rows.length > 0;
}

/**
 * With the first factor a user gets backup codes, and what was opened by the password alone ends, but for the session that
 * asks: from now on, whoever is in has shown more. Tell `credentialsChanged` after the commit.
 * @returns whether it is the first
 */
export async function beginWithFactor(
  queries: Queries,
  userId: string,
  set: CodeSet,
  { sessionId }: Origin,
): Promise<boolean> {
  if ((await backupCodesLeft(queries, userId)) !== null) return false;
  await keepCodeSet(queries, userId, set);
  await queries.sql('delete from sessions where user_id = $1 and id is distinct from $2', [
    userId,
    sessionId,
  ]);
  await endFamiliesOf(queries, userId);
  return true;
}

/** Who has no second factor left needs nothing that stands in for one. */
export async function settleWithout(queries: Queries, userId: string): Promise<void> {
  if (await hasSecondFactor(queries, userId)) return;
  await forgetBackupCodes(queries, userId);
  await forgetDevices(queries, userId);
}
