// Codes by text as a second factor, of the number that a user chose for it. The weakest one: texts are read by whoever has the
// SIM card or the carrier's ear, so it is taken only by who wants it, and a workspace may not count it.

import type { SpokenLanguage } from '@parley/contract/common';
import type { BackupCodes } from '@parley/contract/second-factor';
import type { Context, Origin } from '../../../core/context.ts';
import { conflict, notFound } from '../../../core/errors.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { languageOfUser } from '../account.ts';
import { inAccount } from '../in-account.ts';
import { makeCodeSet } from '../second-factor/backup-codes.ts';
import { beginWithFactor, holdFactors, settleWithout } from '../second-factor/has-factor.ts';
import { mailChange } from '../second-factor/mails.ts';
import { resendSeconds } from './code-sender.ts';
import { issueCode, tryCode } from './codes.ts';
import { smsFactorDisabled, smsFactorEnabled } from './events.ts';
import { openNumber } from './numbers.ts';

/**
 * From now on a code that is sent to the number is a second factor of the user, instead of one to another number.
 * @returns backup codes for who has none
 * @throws ParleyError 404; 409 `number_not_verified`
 */
export async function chooseForSignIn(
  kernel: Kernel,
  ctx: Context,
  userId: string,
  id: string,
): Promise<BackupCodes> {
  const set = await makeCodeSet();
  const isFirst = await inAccount(kernel, userId, ctx.origin, async (queries, tell) => {
    await holdFactors(queries, userId, 'setting');
    const [row] = await queries.sql<{ verified: boolean }>(
      `select verified_at is not null as verified from member_phone_numbers
       where id = $1 and user_id = $2 and workspace_id = $3 for update`,
      [id, userId, ctx.workspaceId],
    );
    if (!row) throw notFound('phone number');
    if (!row.verified) throw conflict('number_not_verified', 'Verify this number first.');
    await queries.sql(
      'update member_phone_numbers set second_factor = false where user_id = $1 and second_factor and id <> $2',
      [userId, id],
    );
    await queries.sql('update member_phone_numbers set second_factor = true where id = $1', [id]);
    tell(smsFactorEnabled);
    return beginWithFactor(queries, userId, set, ctx.origin);
  });
  if (isFirst) kernel.bus.publish(credentialsChanged);
  await mailChange(kernel, userId, 'smsEnabled');
  return { codes: isFirst ? [...set.codes] : null };
}

/** @throws ParleyError 404 for a number that is none */
export async function keepFromSignIn(
  kernel: Kernel,
  userId: string,
  id: string,
  origin: Origin,
): Promise<void> {
  await inAccount(kernel, userId, origin, async (queries, tell) => {
    const changed = await queries.sql(
      `update member_phone_numbers set second_factor = false
       where id = $1 and user_id = $2 and second_factor returning 1 as one`,
      [id, userId],
    );
    if (changed.length === 0) throw notFound('phone number that is a second factor');
    tell(smsFactorDisabled);
    await settleWithout(queries, userId);
  });
  await mailChange(kernel, userId, 'smsDisabled');
}

async function numberForSignIn(kernel: Kernel, userId: string) {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      'select id, workspace_id from member_phone_numbers where user_id = $1 and second_factor',
      [userId],
    ),
  );
  return row ? { id: row.id, ctx: kernel.systemContext().workspace(row.workspace_id) } : null;
}

export interface SentForSignIn {
  /** `42`: what the number ends in. */
  readonly endsIn: string;
  readonly resendSeconds: number;
}

/**
 * Sends a code to the number that the user chose: call it only once their password was right. Null for who chose none.
 * @throws ParleyError what `CodeSender.post` throws
 */
export async function sendSignInCode(
  kernel: Kernel,
  userId: string,
  browsers: SpokenLanguage,
): Promise<SentForSignIn | null> {
  const found = await numberForSignIn(kernel, userId);
  if (!found) return null;
  const language = await languageOfUser(kernel.systemContext(), userId, browsers);
  return found.ctx.transaction(async (tx) => {
    const [row] = await tx.sql<{ id: string; number: Uint8Array; number_hash: string }>(
      'select id, number, number_hash from member_phone_numbers where id = $1',
      [found.id],
    );
    if (!row) return null;
    const number = openNumber(tx, row);
    const target = { phoneNumberId: row.id, userId, number, numberHash: row.number_hash };
    await issueCode(tx, target, 'sign_in', language);
    return { endsIn: number.slice(-2), resendSeconds };
  });
}

/** Returns whether the code is the one that was sent last; it cannot be used again. */
export async function useSignInCode(kernel: Kernel, userId: string, code: string): Promise<boolean> {
  const found = await numberForSignIn(kernel, userId);
  if (!found) return false;
  const answer = await found.ctx.transaction((tx) => tryCode(tx, found.id, 'sign_in', code.trim()));
  return answer === 'right';
}
