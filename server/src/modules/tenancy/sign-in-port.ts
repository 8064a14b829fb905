// What the others need of sign-in; sign-in.ts does it.
import type { SecondStepAsked } from '@parley/contract/second-factor';
import { definePort } from '../../core/context.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export interface EnrolledUser extends User {
  /** Whether the address was ever shown to be theirs. */
  readonly isConfirmed: boolean;
}

export interface SignedInSession {
  readonly sessionId: string;
  /** How it was opened. */
  readonly way: string;
  /** All that it reaches; null: whatever the user does. */
  readonly onlyWorkspace: string | null;
}

export interface SignIn {
  /** Loads the library, which is done at first use otherwise: a worker never needs it. */
  load(): Promise<void>;
  /** Answers Better Auth's own routes under `/api/auth`; our routes say which are open. @throws what it cannot answer */
  handle(request: Request): Promise<Response>;
  /** The signed-in user, read from the request's cookies. */
  sessionUser(headers: Headers): Promise<(User & SignedInSession) | null>;
  /** Makes a user. Open sign-up is off: only this and `enrolUser` make users. */
  createUser(input: { email: string; password: string; name: string }): Promise<{ id: string }>;
  /**
   * The user with that address; when there is none, a new one with a first password, which is told this once.
   * @throws ParleyError 400 `name_missing` for a new one without
   */
  enrolUser(input: {
    email: string;
    name: string | undefined;
  }): Promise<{ user: EnrolledUser; password: string | null }>;
  /**
   * Signs somebody in whom somebody else has named, and ends the session that the browser had; where their account has a second
   * factor, asks for it first, but for a session that is bound to one workspace.
   */
  beginSession(input: {
    userId: string;
    way: string;
    onlyWorkspace: string | null;
    headers: Headers;
    address: string;
  }): Promise<{ cookies: string[]; asked: SecondStepAsked | null }>;
  /** Takes a user back who was enrolled for what then failed; one who is a member somewhere by now stays. */
  withdrawUser(userId: string): Promise<void>;
  /**
   * Gives a user another password, which is told this once, and ends their sessions; null when there is none.
   * @param options `takeOver`: whatever else opened an account whose address nobody confirmed goes too
   */
  resetPassword(email: string, options?: { readonly takeOver: boolean }): Promise<string | null>;
  isPassword(userId: string, given: string): Promise<boolean>;
  /** Whose address the link of a sign-up confirms; null for one that is used up. */
  findSignUp(token: string): Promise<string | null>;
  /** Uses the link of a sign-up up. Returns whether it was there. */
  useSignUp(token: string): Promise<boolean>;
  /** Mails the link that was asked for; see account-asks.ts. */
  answerAsk(askId: string): Promise<void>;
}

/** Carries the caller's address to the library; set by our route, whatever the caller sent under it. */
export const addressHeader = 'x-parley-address';

export const signInPort = definePort<SignIn>('sign-in');
