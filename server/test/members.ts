// Members who sign in as people do, for what programs with a key cannot: reading, being mentioned, own views.
import { argon2Sync, randomBytes } from 'node:crypto';
import type { Role } from '@parley/contract/tenancy';
import { newId } from '../src/core/identifiers.ts';
import type { ApiClient, TestApp, TestWorkspace } from './harness.ts';
import { signIn } from './signed-in.ts';

export interface TestMember {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly client: ApiClient;
}

const password = 'a password of a member';
/** As passwords rest, with the least figures that argon2 takes: they are read from the hash. A real one costs 40 ms each time. */
const quickHash = (() => {
  const nonce = randomBytes(16);
  const hash = argon2Sync('argon2id', {
    message: password,
    nonce,
    memory: 8,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  });
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=8,t=1,p=1$${unpadded(nonce)}$${unpadded(hash)}`;
})();

/** A user whom nothing opens, and whose address nobody has confirmed. */
export async function addUser(test: TestApp, email: string, name: string): Promise<{ id: string }> {
  const id = newId();
  await test.kernel.database.asSystem((queries) =>
    queries.sql('insert into users (id, name, email) values ($1, $2, $3)', [id, name, email]),
  );
  return { id };
}

/** Adds a new user to a workspace and signs them in. */
export async function addMember(
  test: TestApp,
  workspace: TestWorkspace,
  role: Role = 'agent',
): Promise<TestMember> {
  const credentials = { email: `${newId()}@example.com`, password };
  const user = await addUser(test, credentials.email, `A ${role}`);
  await test.kernel.database.asSystem((queries) =>
    queries.sql(
      `insert into accounts (id, account_id, provider_id, user_id, password) values ($1, $2, 'credential', $2, $3)`,
      [newId(), user.id, quickHash],
    ),
  );
  await workspace.ctx.transaction((tx) =>
    tx.sql('insert into members (workspace_id, user_id, role) values ($1, $2, $3)', [
      workspace.id,
      user.id,
      role,
    ]),
  );
  const { status, client } = await signIn(test, credentials);
  if (status !== 200) throw new Error(`the member could not sign in: ${status}`);
  return { userId: user.id, ...credentials, client };
}

/** As if all their sessions had begun, and been proved, an hour ago. */
export async function makeStale(test: TestApp, userId: string): Promise<void> {
  await test.kernel.database.asSystem((queries) =>
    queries.sql("update sessions set verified_at = now() - interval '1 hour' where user_id = $1", [userId]),
  );
}
