// What a user has besides the password: an authenticator app, backup codes, passkeys, browsers that are remembered. Each
// change is told to the audit of all their workspaces and, by mail, to themselves.
import type { BackupCodes, SecondFactor, TotpSetup } from '@parley/contract/second-factor';
import type { Origin } from '../../../core/context.ts';
import { conflict, notFound, ParleyError } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { inAccount } from '../in-account.ts';
import { useSignInCode } from '../phone-numbers/sms-factor.ts';
import { backupCodesLeft, keepCodeSet, makeCodeSet, useBackupCode } from './backup-codes.ts';
import { backupCodesMade, backupCodeUsed, totpDisabled, totpEnabled } from './events.ts';
import { beginWithFactor, hasSecondFactor, hasSms, holdFactors, settleWithout } from './has-factor.ts';
import { mailChange } from './mails.ts';
import { listPasskeys } from './passkeys.ts';
import { listRemembered } from './remembered-devices.ts';
import { totpColumn, totpPlace } from './sealed.ts';
import { inBase32, newTotpSecret, stepOf, totpUri } from './totp.ts';

const vaultOf = (kernel: Kernel) => kernel.installationVault(totpColumn.purpose);

export async function readSecondFactor(kernel: Kernel, userId: string): Promise<SecondFactor> {
  return kernel.database.asSystem(async (queries) => {
    const [totp] = await queries.sql<{ confirmed_at: Date | string }>(
      'select confirmed_at from totp_secrets where user_id = $1 and confirmed_at is not null',
      [userId],
    );
    return {
      totp: totp ? { since: new Date(totp.confirmed_at).toISOString() } : null,
      backupCodesLeft: await backupCodesLeft(queries, userId),
      sms: await hasSms(queries, userId),
      passkeys: await listPasskeys(queries, userId),
      rememberedDevices: await listRemembered(kernel, queries, userId),
    };
  });
}

/** A secret for an app. The one in use stays so until a code of the new one is given. */
export async function beginTotp(kernel: Kernel, userId: string): Promise<TotpSetup> {
  const secret = newTotpSecret();
  const id = newId();
  const email = await kernel.database.asSystem(async (queries) => {
    await queries.sql('delete from totp_secrets where user_id = $1 and confirmed_at is null', [userId]);
    await queries.sql('insert into totp_secrets (id, user_id, sealed, created_at) values ($1, $2, $3, $4)', [
      id,
      userId,
      vaultOf(kernel).seal(secret, totpPlace(id)),
      kernel.clock.date(),
    ]);
    const [user] = await queries.sql<{ email: string }>('select email from users where id = $1', [userId]);
    return user?.email ?? '';
  });
  return { uri: totpUri(secret, email), secret: inBase32(secret) };
}

/** @returns backup codes for who has none @throws ParleyError 404 where none is being set up, 400 `wrong_code` */
export async function confirmTotp(
  kernel: Kernel,
  userId: string,
  code: string,
  origin: Origin,
): Promise<BackupCodes> {
  const set = await makeCodeSet();
  const isFirst = await inAccount(kernel, userId, origin, async (queries, tell) => {
    await holdFactors(queries, userId, 'setting');
    const [row] = await queries.sql<TotpRow>(
      'select id, sealed, last_step from totp_secrets where user_id = $1 and confirmed_at is null for update',
      [userId],
    );
    if (!row) throw notFound('authenticator app that is being set up');
    const step = stepOf(openSecret(kernel, row), code, kernel.clock.now());
    if (step === null) throw wrongCode();
    await queries.sql('delete from totp_secrets where user_id = $1 and confirmed_at is not null', [userId]);
    await queries.sql('update totp_secrets set confirmed_at = $2, last_step = $3 where id = $1', [
      row.id,
      kernel.clock.date(),
      step,
    ]);
    tell(totpEnabled);
    return beginWithFactor(queries, userId, set, origin);
  });
  if (isFirst) kernel.bus.publish(credentialsChanged);
  await mailChange(kernel, userId, 'enabled');
  return { codes: isFirst ? [...set.codes] : null };
}

/** @throws ParleyError 404 for who has none */
export async function disableTotp(kernel: Kernel, userId: string, origin: Origin): Promise<void> {
  await inAccount(kernel, userId, origin, async (queries, tell) => {
    const gone = await queries.sql<{ confirmed: boolean }>(
      'delete from totp_secrets where user_id = $1 returning confirmed_at is not null as confirmed',
      [userId],
    );
    if (!gone.some(({ confirmed }) => confirmed)) throw notFound('authenticator app');
    tell(totpDisabled);
    await settleWithout(queries, userId);
  });
  await mailChange(kernel, userId, 'disabled');
}

/** @throws ParleyError 409 `no_second_factor` */
export async function renewBackupCodes(kernel: Kernel, userId: string, origin: Origin): Promise<BackupCodes> {
  const set = await makeCodeSet();
  await inAccount(kernel, userId, origin, async (queries, tell) => {
    if (!(await hasSecondFactor(queries, userId)))
      throw conflict('no_second_factor', 'Backup codes stand in for a second factor: set one up first.');
    await keepCodeSet(queries, userId, set);
    tell(backupCodesMade);
  });
  await mailChange(kernel, userId, 'codesMade');
  return { codes: [...set.codes] };
}

interface TotpRow {
  readonly id: string;
  readonly sealed: Uint8Array;
  readonly last_step: string | number;
}

/** Returns whether the code is right and was not given before; then it cannot be again, nor one before it. */
export async function useTotpCode(kernel: Kernel, userId: string, code: string): Promise<boolean> {
  return kernel.database.asSystem(async (queries) => {
    const [row] = await queries.sql<TotpRow>(
      'select id, sealed, last_step from totp_secrets where user_id = $1 and confirmed_at is not null',
      [userId],
    );
    const step = row ? stepOf(openSecret(kernel, row), code.replaceAll(/\s/g, ''), kernel.clock.now()) : null;
    if (!row || step === null) return false;
    const used = await queries.sql(
      'update totp_secrets set last_step = $2 where id = $1 and last_step < $2 returning 1 as one',
      [row.id, step],
    );
    return used.length > 0;
  });
}

/** Returns whether the code is right; it cannot be used again. */
export async function useCode(
  kernel: Kernel,
  userId: string,
  input: { way: 'totp' | 'backup_code' | 'sms'; code: string },
  origin: Origin,
): Promise<boolean> {
  if (input.way === 'sms') return useSignInCode(kernel, userId, input.code);
  if (input.way === 'totp') return useTotpCode(kernel, userId, input.code);
  if (!(await useBackupCode(kernel, userId, input.code))) return false;
  await inAccount(kernel, userId, origin, async (_queries, tell) => tell(backupCodeUsed));
  await mailChange(kernel, userId, 'codeUsed');
  return true;
}

const openSecret = (kernel: Kernel, { id, sealed }: TotpRow) => vaultOf(kernel).open(sealed, totpPlace(id));

function wrongCode(): ParleyError {
  return new ParleyError({
    status: 400,
    code: 'wrong_code',
    message: 'This is not the code that the app shows now. See that its clock is right.',
  });
}
