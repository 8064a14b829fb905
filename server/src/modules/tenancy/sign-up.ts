// Open sign-up, where the operator allows it: an address is confirmed before there is an account, so that nobody has one with
// an address of somebody else's.
import type { CreatedWorkspace, CreateWorkspace, NewAccount } from '@parley/contract/invitations';
import { isSupportedCountry } from 'libphonenumber-js/max';
import type { Origin } from '../../core/context.ts';
import { conflict, ParleyError, validationError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { type AccountAsk, noteAsk } from './account-asks.ts';
import { memberCreated, workspaceCreated } from './events.ts';
import { linkUsedUp } from './invitations.ts';
import { LockOut } from './lock-out.ts';
import { checkNewPassword } from './password-rules.ts';
import { signInPort } from './sign-in-port.ts';

/** Whoever needs more runs an installation of their own, or asks the operator. */
const ownedMax = 10;

/** Without mail nobody could confirm an address. */
export const isSignUpOpen = (kernel: Kernel): boolean =>
  kernel.config.SIGN_UP === 'open' && kernel.use(mailer).way !== 'none';

function requireOpen(kernel: Kernel): void {
  if (isSignUpOpen(kernel)) return;
  throw new ParleyError({
    status: 403,
    code: 'sign_up_closed',
    message: 'Here one becomes a member by an invitation.',
  });
}

/** The same is done, and takes the same time, whether or not there is an account with the address. */
export async function askToSignUp(
  kernel: Kernel,
  email: string,
  language: AccountAsk['language'],
): Promise<void> {
  requireOpen(kernel);
  const to = email.toLowerCase();
  if (await new LockOut(kernel).mayMail(to)) await noteAsk(kernel, { kind: 'sign-up', email: to, language });
}

/** Which address a link confirms. @throws ParleyError 400 `link_used_up` */
export async function describeSignUp(kernel: Kernel, token: string): Promise<{ email: string }> {
  requireOpen(kernel);
  const email = await kernel.use(signInPort).findSignUp(token);
  if (email === null) throw linkUsedUp();
  return { email };
}

/** Makes the account. @throws ParleyError 400 `link_used_up`, or for the password */
export async function finishSignUp(
  kernel: Kernel,
  { token, name, password }: NewAccount,
): Promise<{ email: string }> {
  const { email } = await describeSignUp(kernel, token);
  await checkNewPassword(password, [name, email]);
  const signIn = kernel.use(signInPort);
  // Once: of two at the same moment, one makes the account.
  if (!(await signIn.useSignUp(token))) throw linkUsedUp();
  const made = await signIn.createUser({ email, password, name });
  const confirmed = await kernel.database.asSystem((queries) =>
    queries.sql('update users set email_verified = true where id = $1 and email = $2 returning id', [
      made.id,
      email,
    ]),
  );
  // There is one since, by an invitation.
  if (confirmed.length === 0) throw linkUsedUp();
  return { email };
}

/**
 * Makes a workspace that the user owns.
 * @throws ParleyError 403 `sign_up_closed`, `email_unconfirmed`; 409 `workspaces_max`; 400 for a country without numbers
 */
export async function makeOwnWorkspace(
  kernel: Kernel,
  userId: string,
  { name, defaultCountry, timeZone }: CreateWorkspace,
  origin: Origin,
): Promise<CreatedWorkspace> {
  requireOpen(kernel);
  if (defaultCountry && !isSupportedCountry(defaultCountry))
    throw validationError(`There are no phone numbers of ${defaultCountry}.`);
  const id = newId();
  const now = kernel.clock.date();
  await kernel.database.asSystem(async (queries) => {
    // Locked: of several at the same moment, none goes beyond the limit.
    const [user] = await queries.sql<{ email_verified: boolean }>(
      'select email_verified from users where id = $1 for update',
      [userId],
    );
    if (!user?.email_verified) {
      throw new ParleyError({
        status: 403,
        code: 'email_unconfirmed',
        message: 'Confirm your e-mail address first.',
      });
    }
    const owned = await queries.sql("select 1 from members where user_id = $1 and role = 'owner'", [userId]);
    if (owned.length >= ownedMax)
      throw conflict('workspaces_max', `Nobody owns more than ${ownedMax} workspaces here.`);
    await queries.sql(
      'insert into workspaces (workspace_id, name, default_country, time_zone) values ($1, $2, $3, $4)',
      [id, name, defaultCountry, timeZone],
    );
    await kernel.keyring.addVersion(queries, id);
    await queries.sql(
      "insert into members (workspace_id, user_id, role, created_at) values ($1, $2, 'owner', $3)",
      [id, userId, now],
    );
  });
  const actor = { kind: 'member', id: userId, permissions: new Set<string>() } as const;
  await kernel.context({ workspaceId: id, actor, requestId: newId(), origin }).transaction(async (tx) => {
    tx.append(workspaceCreated, {});
    tx.append(memberCreated, { userId, role: 'owner' });
  });
  return { id, name };
}
