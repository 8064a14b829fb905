// Coming by a workspace's own sign-in, as a browser does, for tests.
import type { ApiClient, TestApp } from './harness.ts';
import type { IdentityPerson, IdentityProvider } from './identity-provider.ts';
import { clientWith, cookieOf } from './signed-in.ts';

interface CompanyPerson extends IdentityPerson {
  readonly email: string;
}

/** From the sign-in page to where one ends. */
export async function comeByCompany(
  test: TestApp,
  idp: IdentityProvider,
  person: CompanyPerson,
  email: string = person.email,
): Promise<{ to: string | null; client: ApiClient | null }> {
  idp.person = person;
  const begun = await test.anonymous.post<{ url: string }>('/api/v1/auth/sign-ins', {
    way: 'company',
    email,
  });
  if (begun.status !== 201) throw new Error(`it did not begin: ${JSON.stringify(begun.body)}`);
  return comeBack(test, await idp.visit(begun.body.url), cookieOf(begun.headers.getSetCookie()));
}

async function comeBack(test: TestApp, url: string, cookie: string) {
  const answer = await fetch(url, { redirect: 'manual', headers: { cookie } });
  await answer.arrayBuffer();
  const session = answer.headers.getSetCookie().filter((line) => line.includes('session_token='));
  return {
    to: answer.headers.get('location'),
    client: session.length > 0 ? clientWith(test, cookieOf(session)) : null,
  };
}

/** Set without being asked for: who may set it is another test's. */
export async function setSingleSignOn(
  test: TestApp,
  owner: { userId: string; client: ApiClient },
  idp: IdentityProvider,
  { domain, ...more }: { domain: string; defaultRole?: string | null; enforced?: boolean },
): Promise<void> {
  await test.kernel.database.asSystem((queries) =>
    queries.sql('update users set email = $2, email_verified = true where id = $1', [
      owner.userId,
      `owner-of-it@${domain}`,
    ]),
  );
  const { issuer, clientId, clientSecret } = idp;
  const answer = await owner.client.put('/api/v1/workspace/sso', {
    ...{ issuer, clientId, clientSecret, domains: [domain], defaultRole: 'agent', enforced: false },
    ...more,
  });
  if (answer.status !== 200) throw new Error(`it was not set: ${JSON.stringify(answer.body)}`);
}
