// Passkeys in the browser: whether there can be any here, and what makes and gives one.
import type { AddedPasskey, VerifySession } from '@parley/contract/second-factor';
import { api } from '../../lib/api.ts';

const loadWebAuthn = () => import('@simplewebauthn/browser');
type WebAuthn = Awaited<ReturnType<typeof loadWebAuthn>>;
type Given = Awaited<ReturnType<WebAuthn['startAuthentication']>>;

/** Browsers have them over https and on localhost only, and at a name, not a number. */
export const canHavePasskeys = (): boolean =>
  window.isSecureContext && 'PublicKeyCredential' in window && !/^[\d.]+$|:/.test(location.hostname);

/** Whether the browser offers passkeys within a field. */
export const canOfferPasskeys = async (): Promise<boolean> =>
  canHavePasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);

/** @throws what the browser says when the member gave up */
export async function makePasskey(name: string): Promise<AddedPasskey> {
  const optionsJSON = await api.post<Parameters<WebAuthn['startRegistration']>[0]['optionsJSON']>(
    '/api/v1/auth/passkey-setup',
  );
  const { startRegistration } = await loadWebAuthn();
  const response = await startRegistration({ optionsJSON });
  return api.post<AddedPasskey>('/api/v1/auth/passkeys', { name, response });
}

/** @param offered within a field, where the member may take it or not */
async function askForPasskey(offered: boolean): Promise<Given> {
  const options = await api.get<Parameters<WebAuthn['startAuthentication']>[0]['optionsJSON']>(
    '/api/auth/passkey/generate-authenticate-options',
  );
  const { startAuthentication } = await loadWebAuthn();
  return startAuthentication({
    optionsJSON: { ...options, userVerification: 'required' },
    useBrowserAutofill: offered,
  });
}

const signInWith = (response: Given) => api.post('/api/auth/passkey/verify-authentication', { response });

/** Resolves once somebody is signed in. */
export async function signInWithPasskey(): Promise<void> {
  await signInWith(await askForPasskey(false));
}

/** @returns whether somebody took the browser's offer and is signed in; an offer that could not be made is no error */
export async function signInWithOffered(): Promise<boolean> {
  const response = await askForPasskey(true).catch(() => null);
  if (!response) return false;
  await signInWith(response);
  return true;
}

export async function provePasskey(): Promise<VerifySession> {
  return { way: 'passkey', response: { ...(await askForPasskey(false)) } };
}

/** Whether the member, or another question of the page, ended it: no error that anybody should read. */
export const wasGivenUp = (error: unknown): boolean =>
  error instanceof Error && ['NotAllowedError', 'AbortError'].includes(error.name);
