// Open sign-up, where the operator allows it: an address is confirmed before there is an account, so that nobody has one with
// an address of somebody else's.
import type { CreatedWorkspace, CreateWorkspace, NewAccount } from '@parley/contract/invitations';
import type { Origin } from '../../core/context.ts';
import { conflict, ParleyError } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { type AccountAsk, noteAsk } from './account-asks.ts';
import { linkUsedUp } from './invitations.ts';
import { LockOut } from './lock-out.ts';
import { makeWorkspace } from './make-workspace.ts';
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
  const input = { name, defaultCountry, timeZone, ownerId: userId };
  const teller = { actor: { kind: 'member', id: userId } as const, origin };
  const id = await makeWorkspace(kernel, input, teller, async (queries) => {
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
  });
  return { id, name };
}
