// Codes of six digits that show that somebody holds a phone. Only a hash of one is kept; it works for ten minutes, once, and
// is given up after a few wrong guesses. A new one voids the one before.
import { randomInt, timingSafeEqual } from 'node:crypto';
import type { TransactionContext } from '../../../core/context.ts';
import { ParleyError } from '../../../core/errors.ts';
import type { Reader } from '../account-mails.ts';
import { codeSender } from './code-sender.ts';
import { phoneHashes } from './hash-key.ts';
import { type CodePurpose, codeText } from './words.ts';

export const codeMinutes = 10;
export const guessesMax = 5;

interface CodeTarget {
  readonly phoneNumberId: string;
  readonly userId: string;
  /** E.164. */
  readonly number: string;
  readonly numberHash: string;
}

/** Makes a code and has it sent. @throws ParleyError what `CodeSender.post` throws */
export async function issueCode(
  tx: TransactionContext,
  target: CodeTarget,
  purpose: CodePurpose,
  language: Reader['language'],
): Promise<void> {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const hashes = await phoneHashes(tx);
  const [workspace] = await tx.sql<{ name: string }>('select name from workspaces where workspace_id = $1', [
    tx.workspaceId,
  ]);
  const { phoneNumberId, userId, number: to, numberHash } = target;
  const body = codeText(purpose, language, code, workspace?.name ?? '');
  const textId = await tx.use(codeSender).post(tx, { to, numberHash, userId, body });
  await tx.sql(
    `insert into phone_codes (phone_number_id, purpose, workspace_id, code_hash, text_id, expires_at)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (phone_number_id, purpose) do update set guesses = 0, code_hash = excluded.code_hash,
       text_id = excluded.text_id, expires_at = excluded.expires_at`,
    [
      phoneNumberId,
      purpose,
      tx.workspaceId,
      hashes.ofCode(textId, code),
      textId,
      new Date(tx.clock.now() + codeMinutes * 60_000),
    ],
  );
}

/** `over`: there is none that a guess could still fit. */
export type CodeAnswer = 'right' | 'wrong' | 'over';

/** Compares a guess, which counts; a code that was right is used up. The transaction must commit, whatever the answer. */
export async function tryCode(
  tx: TransactionContext,
  phoneNumberId: string,
  purpose: CodePurpose,
  guess: string,
): Promise<CodeAnswer> {
  const [row] = await tx.sql<{ code_hash: string; text_id: string }>(
    `update phone_codes set guesses = guesses + 1
     where phone_number_id = $1 and purpose = $2 and guesses < $3 and expires_at > $4
     returning code_hash, text_id`,
    [phoneNumberId, purpose, guessesMax, tx.clock.date()],
  );
  if (!row) return 'over';
  const hashes = await phoneHashes(tx);
  const [given, right] = [hashes.ofCode(row.text_id, guess), row.code_hash].map((hash) =>
    Buffer.from(hash, 'hex'),
  );
  if (!given || !right || !timingSafeEqual(given, right)) return 'wrong';
  await tx.sql('delete from phone_codes where phone_number_id = $1 and purpose = $2', [
    phoneNumberId,
    purpose,
  ]);
  return 'right';
}

export function codeRefused(answer: Exclude<CodeAnswer, 'right'>): ParleyError {
  return answer === 'wrong'
    ? new ParleyError({ status: 400, code: 'wrong_code', message: 'This is not the code that was sent.' })
    : new ParleyError({
        status: 409,
        code: 'code_over',
        message: 'There is no code that works any more: ask for a new one.',
      });
}
