// Takes away what a user has besides the password, with whatever was opened until then.
import type { Queries } from '../../../core/database.ts';
import { endFamiliesOf } from '../tokens/families.ts';
import { forgetBackupCodes } from './backup-codes.ts';
import { forgetDevices } from './remembered-devices.ts';

/**
 * All second factors and what stands in for one; programs and sessions end.
 * @param kept the session that stays
 * @returns whether there was a second factor
 */
export async function takeFactorsAway(
  queries: Queries,
  userId: string,
  kept: string | null = null,
): Promise<boolean> {
  // Before the families: one is opened only while its session is there.
  await queries.sql('delete from sessions where user_id = $1 and id is distinct from $2', [userId, kept]);
  await endFamiliesOf(queries, userId);
  await forgetBackupCodes(queries, userId);
  await forgetDevices(queries, userId);
  const gone = await Promise.all([
    queries.sql<{ counts: boolean }>(
      'delete from totp_secrets where user_id = $1 returning confirmed_at is not null as counts',
      [userId],
    ),
    queries.sql<{ counts: boolean }>('delete from passkeys where user_id = $1 returning true as counts', [
      userId,
    ]),
    queries.sql<{ counts: boolean }>(
      `update member_phone_numbers set second_factor = false where user_id = $1 and second_factor
       returning true as counts`,
      [userId],
    ),
  ]);
  return gone.flat().some(({ counts }) => counts);
}

/**
 * For the moment in which the owner of an address has shown that it is theirs, before it is noted: until then somebody else
 * may have held the account, and left a way in. Sessions and programs end too.
 * @param kept the session that stays
 * @returns whether there was something to take; false where the address was confirmed already
 */
export async function clearUnconfirmed(
  queries: Queries,
  userId: string,
  kept: string | null = null,
): Promise<boolean> {
  const unconfirmed = await queries.sql(
    'select 1 from users where id = $1 and not email_verified for update',
    [userId],
  );
  if (unconfirmed.length === 0) return false;
  const factors = await takeFactorsAway(queries, userId, kept);
  const links = await queries.sql(
    `with linked as (delete from accounts where user_id = $1 and provider_id <> 'credential' returning 1),
       identified as (delete from sso_identities where user_id = $1 returning 1)
     select 1 from linked union all select 1 from identified`,
    [userId],
  );
  return factors || links.length > 0;
}
