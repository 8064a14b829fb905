// Phone numbers of members: each is its member's own, named by them and verified by a code that is sent to it. A verified
// number belongs to one member of a workspace.
import type { PhoneNumber } from '@parley/contract/phone-numbers';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { conflict, databaseErrorCode, notFound, uniqueViolation } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Reader } from '../account-mails.ts';
import { codeSender, resendSeconds } from './code-sender.ts';
import { codeRefused, guessesMax, issueCode, tryCode } from './codes.ts';
import { phoneNumberAdded, phoneNumberRemoved, phoneNumberVerified } from './events.ts';
import { phoneHashes } from './hash-key.ts';
import { readOwnNumber } from './own-number.ts';

const numbersMax = 5;

export const phoneNumberPlace = (id: string) => `member_phone_numbers.number:${id}`;

interface Row {
  id: string;
  number: Uint8Array;
  number_hash: string;
  verified_at: Date | string | null;
  second_factor: boolean;
  created_at: Date | string;
  text_id: string | null;
  guesses: number | null;
  expires_at: Date | string | null;
}

async function readRows(tx: TransactionContext, userId: string, id: string | null = null): Promise<Row[]> {
  return tx.sql<Row>(
    `select n.id, n.number, n.number_hash, n.verified_at, n.second_factor, n.created_at, c.text_id, c.guesses, c.expires_at
     from member_phone_numbers n
     left join phone_codes c on c.phone_number_id = n.id and c.purpose = 'verification'
     where n.workspace_id = $1 and n.user_id = $2 and n.id = coalesce($3::uuid, n.id) order by n.created_at, n.id`,
    [tx.workspaceId, userId, id],
  );
}

const iso = (moment: Date | string) => new Date(moment).toISOString();
const later = (moment: Date | string, seconds: number) =>
  new Date(new Date(moment).getTime() + seconds * 1000).toISOString();

async function toPhoneNumbers(tx: TransactionContext, rows: readonly Row[]): Promise<PhoneNumber[]> {
  const textIds = rows.flatMap(({ text_id }) => (text_id ? [text_id] : []));
  const texts = textIds.length > 0 ? await tx.use(codeSender).read(tx, textIds) : new Map();
  return rows.map((row) => {
    const text = row.text_id ? texts.get(row.text_id) : undefined;
    return {
      id: row.id,
      number: openNumber(tx, row),
      verifiedAt: row.verified_at === null ? null : iso(row.verified_at),
      secondFactor: row.second_factor,
      createdAt: iso(row.created_at),
      code:
        text && row.expires_at !== null && row.verified_at === null
          ? {
              state: text.state,
              problem: text.problem,
              expiresAt: iso(row.expires_at),
              resendAt: later(text.sentAt, resendSeconds),
              guessesLeft: guessesMax - (row.guesses ?? 0),
            }
          : null,
    };
  });
}

export const openNumber = (tx: TransactionContext, row: Pick<Row, 'id' | 'number'>) =>
  tx.openText(row.number, phoneNumberPlace(row.id));

/** Their numbers in this workspace, in the order in which they were added. */
export async function listPhoneNumbers(ctx: Context, userId: string): Promise<{ items: PhoneNumber[] }> {
  return ctx.transaction(async (tx) => ({ items: await toPhoneNumbers(tx, await readRows(tx, userId)) }));
}

/**
 * Adds a number and sends it a code.
 * @throws ParleyError 400 for what is no phone's number; 409 `number_exists`, `too_many_numbers`; what `CodeSender.post` throws
 */
export async function addPhoneNumber(
  ctx: Context,
  userId: string,
  input: { number: string },
  language: Reader['language'],
): Promise<PhoneNumber> {
  return ctx.transaction(async (tx) => {
    const [workspace] = await tx.sql<{ default_country: string | null }>(
      'select default_country from workspaces where workspace_id = $1',
      [tx.workspaceId],
    );
    const number = readOwnNumber(input.number, workspace?.default_country ?? null);
    const numberHash = (await phoneHashes(tx)).ofNumber(number);
    // One after the other: two at once must not both be the fifth.
    await tx.sql('select 1 from members where workspace_id = $1 and user_id = $2 for update', [
      tx.workspaceId,
      userId,
    ]);
    const own = await readRows(tx, userId);
    if (own.some((row) => row.number_hash === numberHash))
      throw conflict('number_exists', 'This number is in your list already.');
    if (own.length >= numbersMax)
      throw conflict('too_many_numbers', `You have ${numbersMax} numbers already: remove one first.`);
    const id = newId();
    await tx.sql(
      `insert into member_phone_numbers (id, workspace_id, user_id, number, number_hash, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [id, tx.workspaceId, userId, tx.seal(number, phoneNumberPlace(id)), numberHash, tx.clock.date()],
    );
    tx.append(phoneNumberAdded, { userId, phoneNumberId: id });
    await issueCode(tx, { phoneNumberId: id, userId, number, numberHash }, 'verification', language);
    return readOne(tx, userId, id);
  });
}

/**
 * Sends another code to a number that is not verified yet.
 * @throws ParleyError 404; 409 `number_verified`; what `CodeSender.post` throws
 */
export async function sendCodeAgain(
  ctx: Context,
  userId: string,
  id: string,
  language: Reader['language'],
): Promise<PhoneNumber> {
  return ctx.transaction(async (tx) => {
    const row = await findRow(tx, userId, id);
    if (row.verified_at !== null) throw conflict('number_verified', 'This number is verified already.');
    const target = { phoneNumberId: id, userId, number: openNumber(tx, row), numberHash: row.number_hash };
    await issueCode(tx, target, 'verification', language);
    return readOne(tx, userId, id);
  });
}

/**
 * Verifies a number by the code that was sent to it.
 * @throws ParleyError 404; 400 `wrong_code`; 409 `code_over`, and `number_taken` where another member has it
 */
export async function verifyPhoneNumber(
  ctx: Context,
  userId: string,
  id: string,
  input: { code: string },
): Promise<PhoneNumber> {
  const answer = await ctx.transaction(async (tx) => {
    const row = await findRow(tx, userId, id);
    return row.verified_at === null ? tryCode(tx, id, 'verification', input.code) : null;
  });
  if (answer === 'wrong' || answer === 'over') throw codeRefused(answer);
  try {
    return await ctx.transaction(async (tx) => {
      const verified = await tx.sql(
        `update member_phone_numbers set verified_at = $3
         where id = $1 and user_id = $2 and verified_at is null returning 1 as one`,
        [id, userId, tx.clock.date()],
      );
      if (verified.length > 0) tx.append(phoneNumberVerified, { userId, phoneNumberId: id });
      return readOne(tx, userId, id);
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict('number_taken', 'This number cannot be verified for you in this workspace.');
  }
}

/** @throws ParleyError 404 */
export async function removePhoneNumber(ctx: Context, userId: string, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const [row] = await tx.sql<{ verified: boolean }>(
      `delete from member_phone_numbers where id = $1 and user_id = $2
       returning verified_at is not null as verified`,
      [id, userId],
    );
    if (!row) throw notFound('phone number');
    tx.append(phoneNumberRemoved, { userId, phoneNumberId: id, wasVerified: row.verified });
  });
}

/** The member who showed that the number (E.164) is theirs; null where nobody did. */
export async function memberOfPhone(ctx: Context, number: string): Promise<string | null> {
  return ctx.transaction(async (tx) => {
    const [row] = await tx.sql<{ user_id: string }>(
      `select user_id from member_phone_numbers
       where workspace_id = $1 and number_hash = $2 and verified_at is not null`,
      [tx.workspaceId, (await phoneHashes(tx)).ofNumber(number)],
    );
    return row?.user_id ?? null;
  });
}

async function findRow(tx: TransactionContext, userId: string, id: string): Promise<Row> {
  const [row] = await readRows(tx, userId, id);
  if (!row) throw notFound('phone number');
  return row;
}

async function readOne(tx: TransactionContext, userId: string, id: string): Promise<PhoneNumber> {
  const [one] = await toPhoneNumbers(tx, [await findRow(tx, userId, id)]);
  if (!one) throw notFound('phone number');
  return one;
}
