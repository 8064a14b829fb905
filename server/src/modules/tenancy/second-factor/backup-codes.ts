// Codes on paper, for whoever has lost their phone: ten at a time, hashed, each good for once. A new set ends the one before.
import { randomBytes, randomInt, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Queries } from '../../../core/database.ts';
import type { Kernel } from '../../../core/kernel.ts';

export const backupCodesMade = 10;

/** Without what is taken for one another when read: 0 and o, 1, i and l. */
const letters = '23456789abcdefghjkmnpqrstuvwxyz';
const half = 5;
const saltBytes = 16;
const hashBytes = 32;

const hashWith = promisify<string, Buffer, number, Buffer>(scrypt);

/** As it was shown or typed: "abcde-23456", "ABCDE 23456". */
const plainly = (code: string) => code.toLowerCase().replaceAll(/[\s-]/g, '');

function newCode(): string {
  const word = () => Array.from({ length: half }, () => letters[randomInt(letters.length)]).join('');
  return `${word()}-${word()}`;
}

export interface CodeSet {
  /** To show this once. */
  readonly codes: readonly string[];
  readonly salt: Buffer;
  readonly hashes: readonly Buffer[];
}

/** Takes a moment: outside of a transaction. */
export async function makeCodeSet(): Promise<CodeSet> {
  const codes = new Set<string>();
  while (codes.size < backupCodesMade) codes.add(newCode());
  const salt = randomBytes(saltBytes);
  const hashes = await Promise.all([...codes].map((code) => hashWith(plainly(code), salt, hashBytes)));
  return { codes: [...codes], salt, hashes };
}

export async function keepCodeSet(
  queries: Queries,
  userId: string,
  { salt, hashes }: CodeSet,
): Promise<void> {
  await forgetBackupCodes(queries, userId);
  await queries.sql(
    'insert into backup_codes (user_id, salt, hash) select $1, $2, hash from unnest($3::bytea[]) as hash',
    [userId, salt, hashes],
  );
}

export async function forgetBackupCodes(queries: Queries, userId: string): Promise<void> {
  await queries.sql('delete from backup_codes where user_id = $1', [userId]);
}

/** How many are left; null for who never had any. */
export async function backupCodesLeft(queries: Queries, userId: string): Promise<number | null> {
  const [row] = await queries.sql<{ made: number; left: number }>(
    `select count(*)::int as made, (count(*) filter (where used_at is null))::int as left
     from backup_codes where user_id = $1`,
    [userId],
  );
  return row && row.made > 0 ? row.left : null;
}

/** Returns whether it was one that could still be used; then it cannot any more. */
export async function useBackupCode(kernel: Kernel, userId: string, code: string): Promise<boolean> {
  const [set] = await kernel.database.asSystem((queries) =>
    queries.sql<{ salt: Uint8Array }>('select salt from backup_codes where user_id = $1 limit 1', [userId]),
  );
  if (!set || code.length > 64) return false;
  const hash = await hashWith(plainly(code), Buffer.from(set.salt), hashBytes);
  const used = await kernel.database.asSystem((queries) =>
    queries.sql(
      `update backup_codes set used_at = $3 where user_id = $1 and hash = $2 and used_at is null
       returning 1 as one`,
      [userId, hash, kernel.clock.date()],
    ),
  );
  return used.length > 0;
}
