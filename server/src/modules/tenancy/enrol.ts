// A user whom the operator names: the one who is known here, or a new one with a first password.
import type { Context } from '../../core/context.ts';
import { conflict } from '../../core/errors.ts';
import { type SignIn, signInPort, type User } from './sign-in-port.ts';

interface Named {
  readonly email: string;
  /** Of one who is new; one who is known keeps theirs. */
  readonly name?: string | undefined;
  readonly newPassword?: boolean | undefined;
}

export interface Enrolled {
  readonly user: User;
  /** A first or another one, shown this once; null where theirs stays. */
  readonly password: string | null;
  readonly isNew: boolean;
}

/**
 * One who is known keeps their password if their address is confirmed: otherwise somebody else may have made that account,
 * and would come in with it.
 * @param before called for one who is known, before anything of theirs is changed
 * @throws ParleyError 400 `name_missing`; 409 `address_unconfirmed` without `newPassword`
 */
export async function enrolByOperator(
  ctx: Pick<Context, 'use'>,
  { email, name, newPassword = false }: Named,
  before: (userId: string) => Promise<void> = async () => undefined,
): Promise<Enrolled> {
  const signIn: SignIn = ctx.use(signInPort);
  const { user, password: first } = await signIn.enrolUser({ email, name });
  if (first !== null) return { user, password: first, isNew: true };
  await before(user.id);
  if (!user.isConfirmed && !newPassword) {
    throw conflict(
      'address_unconfirmed',
      'There is an account with this address that nobody confirmed: somebody else may have made it. Add them with a new password.',
    );
  }
  const password = newPassword ? await signIn.resetPassword(email, { takeOver: true }) : null;
  return { user, password, isNew: false };
}
