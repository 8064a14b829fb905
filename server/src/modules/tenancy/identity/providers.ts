// The identity providers that this installation has: by the operator's settings, or one workspace's own.
import type { SingleSignOn } from '@parley/contract/identity';
import type { Config } from '../../../core/config.ts';
import type { Egress } from '../../../core/egress.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { identityClients } from './port.ts';

export type Company = 'google' | 'microsoft';
export type Way = Company | 'company';

/** One that people can be sent to. */
export interface Provider {
  readonly way: Way;
  /** Null where it is the operator's: then it is good for the whole installation. */
  readonly workspaceId: string | null;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly egress: Egress;
}

const redirectPath = '/api/v1/auth/callbacks';
/** Each has its own, so that what one provider answers is never taken for another's (RFC 9700, section 4.4). */
export const redirectUriOf = (config: Config, name: string) => `${config.publicUrl}${redirectPath}/${name}`;

export function issuersOf(config: Config): { google: string; microsoft: string } {
  return {
    google: config.GOOGLE_ISSUER_URL,
    microsoft:
      config.MICROSOFT_ISSUER_URL ?? `https://login.microsoftonline.com/${config.MICROSOFT_TENANT}/v2.0`,
  };
}

/** Null where the operator has not set it. */
export function companyProvider(kernel: Kernel, way: Company): Provider | null {
  const { config } = kernel;
  const [clientId, clientSecret] =
    way === 'google'
      ? [config.GOOGLE_CLIENT_ID, config.GOOGLE_CLIENT_SECRET]
      : [config.MICROSOFT_CLIENT_ID, config.MICROSOFT_CLIENT_SECRET];
  if (!clientId || !clientSecret) return null;
  return {
    way,
    workspaceId: null,
    issuer: issuersOf(config)[way],
    clientId,
    clientSecret,
    redirectUri: redirectUriOf(config, way),
    egress: kernel.use(identityClients).operator,
  };
}

export const companiesOf = (kernel: Kernel): Company[] =>
  (['google', 'microsoft'] as const).filter((way) => companyProvider(kernel, way) !== null);

export interface WorkspaceProvider extends Provider {
  readonly workspaceId: string;
  readonly domains: readonly string[];
  readonly defaultRole: SingleSignOn['defaultRole'];
}

export const secretPlace = (workspaceId: string) => `sso_connections.secret:${workspaceId}`;

/** Null where the workspace has none. */
export async function workspaceProvider(
  kernel: Kernel,
  workspaceId: string,
): Promise<WorkspaceProvider | null> {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{
      issuer: string;
      client_id: string;
      secret: Uint8Array;
      default_role: SingleSignOn['defaultRole'];
      domains: string[];
    }>(
      `select issuer, client_id, secret, default_role,
         array(select domain from sso_domains d where d.workspace_id = c.workspace_id order by domain) as domains
       from sso_connections c where workspace_id = $1`,
      [workspaceId],
    ),
  );
  if (!row) return null;
  const vault = await kernel.keyring.vault(workspaceId);
  return {
    way: 'company',
    workspaceId,
    issuer: row.issuer,
    clientId: row.client_id,
    clientSecret: vault.openText(row.secret, secretPlace(workspaceId)),
    redirectUri: redirectUriOf(kernel.config, workspaceId),
    egress: kernel.use(identityClients).workspaces,
    domains: row.domains,
    defaultRole: row.default_role,
  };
}

export const domainOf = (email: string) => email.slice(email.lastIndexOf('@') + 1).toLowerCase();

/** The workspace that has the domain of the address. Says nothing of whether there is such an account. */
export async function workspaceOfDomain(kernel: Kernel, email: string): Promise<string | null> {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ workspace_id: string }>('select workspace_id from sso_domains where domain = $1', [
      domainOf(email),
    ]),
  );
  return row?.workspace_id ?? null;
}

/** What the sign-in page offers besides a password. */
export async function signInWays(kernel: Kernel): Promise<Way[]> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql('select 1 from sso_connections limit 1'),
  );
  return [...companiesOf(kernel), ...(rows.length > 0 ? (['company'] as const) : [])];
}
