// A workspace's own sign-in: by whose identity provider, for which domains, and whether by nothing else.
import type {
  ChangeSingleSignOn,
  SingleSignOn,
  SingleSignOnAnswer,
  SingleSignOnCheck,
} from '@parley/contract/identity';
import type { Context } from '../../../core/context.ts';
import { conflict, databaseErrorCode, ParleyError, uniqueViolation } from '../../../core/errors.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { credentialsChanged } from '../../../core/realtime/credentials.ts';
import { beginGranting, requireCovered } from '../grants.ts';
import { permissionsOfRole } from '../permissions.ts';
import { ssoChanged, ssoRemoved } from './events.ts';
import { checkProvider } from './oidc.ts';
import { identityClients } from './port.ts';
import { domainOf, redirectUriOf, secretPlace, workspaceProvider } from './providers.ts';
import { publicDomains } from './public-domains.ts';

interface Row {
  readonly issuer: string;
  readonly client_id: string;
  readonly default_role: SingleSignOn['defaultRole'];
  readonly enforced: boolean;
  readonly updated_at: Date | string;
  readonly domains: string[];
}

export async function readConnection(ctx: Context): Promise<SingleSignOnAnswer> {
  const redirectUri = redirectUriOf(ctx.config, ctx.workspaceId);
  const [row] = await ctx.transaction((tx) =>
    tx.sql<Row>(
      `select issuer, client_id, default_role, enforced, updated_at,
         array(select domain from sso_domains d where d.workspace_id = c.workspace_id order by domain) as domains
       from sso_connections c where workspace_id = $1`,
      [tx.workspaceId],
    ),
  );
  if (!row) return { connection: null, redirectUri };
  return {
    redirectUri,
    connection: {
      issuer: row.issuer,
      clientId: row.client_id,
      domains: row.domains,
      defaultRole: row.default_role,
      enforced: row.enforced,
      redirectUri,
      updatedAt: new Date(row.updated_at).toISOString(),
    },
  };
}

type Asked = Pick<ChangeSingleSignOn, 'issuer' | 'clientId' | 'clientSecret'>;

/** The secret that was given, or the one that is kept for the same client of the same issuer. @throws ParleyError 400 */
async function secretFor(kernel: Kernel, workspaceId: string, asked: Asked): Promise<string> {
  if (asked.clientSecret) return asked.clientSecret;
  const kept = await workspaceProvider(kernel, workspaceId);
  // Otherwise the secret could be sent to whoever is named as the issuer.
  if (kept && kept.issuer === asked.issuer && kept.clientId === asked.clientId) return kept.clientSecret;
  throw new ParleyError({
    status: 400,
    code: 'sso_secret_needed',
    message: 'Another identity provider or client needs its own secret.',
    details: [{ path: 'body.clientSecret', message: 'is needed' }],
  });
}

/** Asks the provider; keeps nothing. */
export async function checkConnection(
  kernel: Kernel,
  ctx: Context,
  asked: Asked,
): Promise<SingleSignOnCheck> {
  refuseKey(ctx);
  const clientSecret = await secretFor(kernel, ctx.workspaceId, asked);
  const problem = await checkProvider({
    way: 'company',
    workspaceId: ctx.workspaceId,
    issuer: asked.issuer,
    clientId: asked.clientId,
    clientSecret,
    redirectUri: redirectUriOf(ctx.config, ctx.workspaceId),
    egress: kernel.use(identityClients).workspaces,
  });
  return { ok: problem === null, problem };
}

/** Whoever sets the provider can come as anybody whom it names: a person does, who can be asked to prove that it is them. */
function refuseKey({ actor }: Context): void {
  if (actor.kind === 'member') return;
  throw new ParleyError({
    status: 403,
    code: 'session_needed',
    message: 'An owner sets the workspace’s sign-in, in a browser in which they have signed in.',
  });
}

/**
 * With another issuer, who had come by the one before is out.
 * @throws ParleyError 400 `sso_unreachable`, `sso_client_refused`, `sso_domain_not_yours`; 409 `sso_domain_taken`; 403
 */
export async function changeConnection(
  kernel: Kernel,
  ctx: Context,
  input: ChangeSingleSignOn,
): Promise<SingleSignOnAnswer> {
  refuseKey(ctx);
  await refuseForeignDomains(kernel, ctx, input.domains);
  const clientSecret = await secretFor(kernel, ctx.workspaceId, input);
  const { problem } = await checkConnection(kernel, ctx, { ...input, clientSecret });
  if (problem) throw refusedProvider(problem);
  let isMoved = false;
  try {
    await ctx.transaction(async (tx) => {
      const { workspaceId } = tx;
      const own = await beginGranting(tx, 'sso:manage');
      if (input.defaultRole) requireCovered(own, permissionsOfRole[input.defaultRole]);
      const [before] = await tx.sql<{ issuer: string }>(
        'select issuer from sso_connections where workspace_id = $1 for update',
        [workspaceId],
      );
      isMoved = before !== undefined && before.issuer !== input.issuer;
      await tx.sql(
        `insert into sso_connections (workspace_id, issuer, client_id, secret, default_role, enforced, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (workspace_id) do update set issuer = excluded.issuer, client_id = excluded.client_id,
           secret = excluded.secret, default_role = excluded.default_role, enforced = excluded.enforced,
           updated_at = excluded.updated_at`,
        [
          workspaceId,
          input.issuer,
          input.clientId,
          tx.seal(clientSecret, secretPlace(workspaceId)),
          input.defaultRole,
          input.enforced,
          tx.clock.date(),
        ],
      );
      await tx.sql('delete from sso_domains where workspace_id = $1', [workspaceId]);
      await tx.sql('insert into sso_domains (domain, workspace_id) select unnest($2::text[]), $1', [
        workspaceId,
        [...new Set(input.domains)],
      ]);
      const { issuer, enforced, defaultRole } = input;
      tx.append(ssoChanged, { issuer, enforced, defaultRole });
      tx.afterCommit(() => kernel.bus.publish(credentialsChanged));
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw conflict('sso_domain_taken', 'Another workspace has one of these domains.');
  }
  if (isMoved) await endWhatCameByIt(kernel, ctx.workspaceId);
  return readConnection(ctx);
}

/** Who had come by it is out. */
export async function removeConnection(kernel: Kernel, ctx: Context): Promise<void> {
  refuseKey(ctx);
  await ctx.transaction(async (tx) => {
    await beginGranting(tx, 'sso:manage');
    const [row] = await tx.sql<{ issuer: string }>(
      'delete from sso_connections where workspace_id = $1 returning issuer',
      [tx.workspaceId],
    );
    if (row) tx.append(ssoRemoved, { issuer: row.issuer });
  });
  await endWhatCameByIt(kernel, ctx.workspaceId);
}

async function endWhatCameByIt(kernel: Kernel, workspaceId: string): Promise<void> {
  await kernel.database.asSystem(async (queries) => {
    await queries.sql('delete from sessions where only_workspace = $1', [workspaceId]);
    await queries.sql('delete from token_families where only_workspace = $1', [workspaceId]);
  });
  kernel.bus.publish(credentialsChanged);
}

const refusedProvider = (problem: 'unreachable' | 'client') =>
  problem === 'client'
    ? new ParleyError({
        status: 400,
        code: 'sso_client_refused',
        message: 'The identity provider does not know this client, or has another secret for it.',
      })
    : new ParleyError({
        status: 400,
        code: 'sso_unreachable',
        message: 'No identity provider answers at this address.',
      });

/**
 * A domain is claimed by who has a confirmed address in it, and never one where anybody gets an address: the domain decides
 * whom the sign-in page sends where.
 */
async function refuseForeignDomains(kernel: Kernel, ctx: Context, domains: readonly string[]): Promise<void> {
  const kept = await workspaceProvider(kernel, ctx.workspaceId);
  const claimed = domains.filter((domain) => !kept?.domains.includes(domain));
  if (claimed.length === 0) return;
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ email: string }>(
      `select u.email from users u join members m on m.user_id = u.id
       where m.workspace_id = $1 and m.role in ('owner', 'admin') and u.email_verified`,
      [ctx.workspaceId],
    ),
  );
  const own = new Set(rows.map(({ email }) => domainOf(email)));
  const foreign = claimed.filter((domain) => publicDomains.has(domain) || !own.has(domain));
  if (foreign.length === 0) return;
  throw new ParleyError({
    status: 400,
    code: 'sso_domain_not_yours',
    message: `An owner or admin with a confirmed address of the domain is needed: ${foreign.join(', ')}.`,
    details: foreign.map((domain) => ({ path: 'body.domains', message: domain })),
  });
}
