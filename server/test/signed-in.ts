// Signing in as a person does, for tests: by e-mail address and password, with the cookie of a browser.
import { randomInt } from 'node:crypto';
import { type ApiClient, apiClient, type TestApp } from './harness.ts';

export interface SignedIn {
  /** Of the attempt; nothing but it means anything where it is not 200. */
  readonly status: number;
  /** Calls the API as a page of ours does for this user. */
  readonly client: ApiClient;
  readonly cookie: string;
}

/** Each attempt comes from an address of its own: attempts are limited by address. */
export async function signIn(
  test: TestApp,
  credentials: { email: string; password: string },
  workspaceId?: string,
): Promise<SignedIn> {
  const answer = await test.app.http.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    remoteAddress: `198.18.${randomInt(256)}.${randomInt(256)}`,
    headers: { origin: test.url },
    payload: credentials,
  });
  const cookie = cookieOf([answer.headers['set-cookie'] ?? []].flat());
  return { status: answer.statusCode, client: clientWith(test, cookie, workspaceId), cookie };
}

/** The request header that a browser makes of the cookies it was given. */
export function cookieOf(setCookies: readonly string[]): string {
  return setCookies.map((line) => line.split(';')[0]).join('; ');
}

export function clientWith(test: TestApp, cookie: string, workspaceId?: string): ApiClient {
  return apiClient(test.url, async () => ({
    cookie,
    origin: test.url,
    ...(workspaceId ? { 'x-workspace-id': workspaceId } : {}),
  }));
}
