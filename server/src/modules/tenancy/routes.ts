// HTTP of tenancy: sign-in (Better Auth's own routes), the workspace, and who a request comes from.
import { changeWorkspace as changeWorkspaceSchema, workspace } from '@parley/contract/tenancy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { notFound, ParleyError } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import type { Kernel } from '../../core/kernel.ts';
import { credentialsChanged } from '../../core/realtime/credentials.ts';
import { originOf } from '../../core/request-origin.ts';
import { registerAccountRoutes } from './account-routes.ts';
import { noteSignIn } from './audit/note-sign-in.ts';
import { registerAuditRoutes } from './audit/routes.ts';
import { securityWatch } from './audit/watch.ts';
import { registerIdentityRoutes } from './identity/routes.ts';
import { registerInvitationRoutes } from './invitation-routes.ts';
import { registerKeyRoutes } from './key-routes.ts';
import { headerOf, readWithoutTokens } from './library-answers.ts';
import { registerMailRoutes } from './mail-routes.ts';
import { registerMemberRoutes } from './member-routes.ts';
import { registerPhoneNumberRoutes } from './phone-numbers/routes.ts';
import { signInHeaders, webHeaders } from './request-headers.ts';
import { registerRoleRoutes } from './role-routes.ts';
import { registerSecondFactorRoutes } from './second-factor/routes.ts';
import { signInPort } from './sign-in-port.ts';
import { principalOfUser } from './tenancy.ts';
import { readBearer } from './tokens/bearer.ts';
import { LastUses } from './tokens/last-use.ts';
import { registerTokenRoutes } from './tokens/routes.ts';
import { changeWorkspace, readWorkspace } from './workspace.ts';

/**
 * What we use of the sign-in library, and all that is open of it: the rest would let in what we promise elsewhere not to,
 * such as names of any length, and addresses of ours that lead to anybody's page.
 */
const libraryRoutes = [
  ['POST', 'sign-in/email'],
  ['POST', 'sign-in/second-factor'],
  ['POST', 'sign-in/second-factor-code'],
  ['GET', 'passkey/generate-authenticate-options'],
  ['POST', 'passkey/verify-authentication'],
  ['POST', 'sign-out'],
  ['POST', 'change-password'],
  ['GET', 'get-session'],
  ['POST', 'request-password-reset'],
  ['POST', 'reset-password'],
  ['POST', 'send-verification-email'],
  ['POST', 'confirm-email'],
  ['POST', 'change-email'],
] as const;

export async function registerTenancyRoutes(server: FastifyInstance, kernel: Kernel): Promise<void> {
  // Now, and not while somebody waits for it.
  await kernel.use(signInPort).load();
  const app = server.withTypeProvider<ZodTypeProvider>();

  registerAccountRoutes(server, kernel);
  registerSecondFactorRoutes(server, kernel);
  registerMemberRoutes(server, kernel);
  registerPhoneNumberRoutes(server, kernel);
  registerInvitationRoutes(server, kernel);
  registerRoleRoutes(server);
  registerKeyRoutes(server);
  registerMailRoutes(server, kernel);
  registerAuditRoutes(server, kernel);
  registerTokenRoutes(server, kernel);
  registerIdentityRoutes(server, kernel);
  server.addHook('onClose', () => kernel.use(securityWatch).close());

  app.get(
    '/api/v1/workspace',
    {
      schema: {
        summary: 'What the workspace is called, and where its people are',
        tags: ['workspace'],
        response: { 200: workspace },
      },
      config: { permission: 'members:read' },
    },
    async (request) => readWorkspace(request.ctx),
  );
  app.put(
    '/api/v1/workspace',
    {
      schema: {
        summary: 'Change the workspace',
        description: 'What the body does not name stays.',
        tags: ['workspace'],
        body: changeWorkspaceSchema,
        response: { 200: workspace },
      },
      config: { permission: 'workspace:manage' },
    },
    async (request) => changeWorkspace(request.ctx, request.body),
  );
  server.register(async (auth) => {
    auth.removeAllContentTypeParsers();
    // As it came, and nothing else: what a form of a foreign page can send is JSON to nobody.
    auth.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    for (const [method, path] of libraryRoutes) {
      auth.route({
        method,
        url: `/api/auth/${path}`,
        schema: { hide: true },
        config: { permission: 'public' },
        handler: async (request, reply) => {
          const body = request.body as Buffer | undefined;
          const url = new URL(request.url, kernel.config.publicUrl);
          // Where it leads afterwards is for our own pages to say: the library answers with a redirect to whatever stands there.
          url.searchParams.delete('callbackURL');
          // Afterwards nobody knows whose it was.
          const leaving =
            path === 'sign-out' ? await kernel.use(signInPort).sessionUser(webHeaders(request)) : null;
          const response = await kernel.use(signInPort).handle(
            new Request(url, {
              method: request.method,
              headers: signInHeaders(request),
              ...(body && body.length > 0 ? { body: new Uint8Array(body) } : {}),
            }),
          );
          noteSignIn(kernel, request, path, response);
          if (leaving && response.ok) kernel.use(securityWatch).signedOut(leaving, originOf(request));
          // What it may have ended is cut now.
          if (method === 'POST' && response.ok) kernel.bus.publish(credentialsChanged);
          // What a page showed of a workspace is not for whoever has the browser next.
          if (path === 'sign-out' && response.ok) reply.header('clear-site-data', '"cache"');
          reply.code(response.status);
          for (const [name, value] of response.headers) {
            if (name !== 'set-cookie' && name !== 'content-length') reply.header(headerOf(name), value);
          }
          const cookies = response.headers.getSetCookie();
          if (cookies.length > 0) reply.header('set-cookie', cookies);
          return reply.send(await readWithoutTokens(response));
        },
      });
    }
  });
}

/** Reads who a request comes from: an API key, tokens of a program, or a session cookie sent by a page of ours. */
export function createAuthenticator(kernel: Kernel): (request: FastifyRequest) => Promise<Principal | null> {
  const trustedOrigins = new Set([new URL(kernel.config.publicUrl).origin, ...kernel.config.CORS_ORIGINS]);
  const lastUses = new LastUses(kernel);
  const ofBearer = async (request: FastifyRequest, token: string, chosen: string | undefined) => {
    const bearer = await readBearer(kernel, token, chosen);
    if (bearer?.kind === 'tokens') await lastUses.note('token_families', bearer.id, request.ip);
    return bearer?.principal ?? null;
  };
  const ofCookie = async (request: FastifyRequest, chosen: string | undefined) => {
    const { origin } = request.headers;
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    // A foreign page can make a browser send our cookie, but not our origin.
    if (changes && (!origin || !trustedOrigins.has(origin))) {
      throw new ParleyError({
        status: 403,
        code: 'foreign_origin',
        message: 'This page may not act for the signed-in user.',
      });
    }
    const user = await kernel.use(signInPort).sessionUser(webHeaders(request));
    if (!user) return null;
    const { sessionId, way, onlyWorkspace } = user;
    const workspaceId = z.uuid().optional().safeParse(chosen);
    // What names no workspace must not become the first one: a change would be made in another than was meant.
    if (!workspaceId.success) throw notFound('workspace');
    const principal = await principalOfUser(kernel, user.id, workspaceId.data, onlyWorkspace);
    await lastUses.note('sessions', sessionId, request.ip);
    return { ...principal, sessionId, way, onlyWorkspace, credential: 'session' as const };
  };
  return async (request) => {
    const named = request.headers['x-workspace-id'] ?? workspaceOfLink(request);
    const chosen = Array.isArray(named) ? named.join() : named;
    const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const principal = bearer
      ? await ofBearer(request, bearer, chosen)
      : request.headers.cookie
        ? await ofCookie(request, chosen)
        : null;
    if (principal) refuseAccountOfBound(request, principal);
    return principal;
  };
}

function workspaceOfLink({ routeOptions, query }: FastifyRequest): string | string[] | undefined {
  return routeOptions.config.workspaceInQuery
    ? (query as Record<string, string | string[] | undefined>).workspace
    : undefined;
}

/**
 * Who was let in by a workspace's own sign-in is whoever that workspace says: the account, which opens other workspaces
 * too, is not for them to see or change.
 */
function refuseAccountOfBound(request: FastifyRequest, { onlyWorkspace }: Principal): void {
  const { permission, boundSession } = request.routeOptions.config;
  if (!onlyWorkspace || permission !== 'signed-in' || boundSession) return;
  throw new ParleyError({
    status: 403,
    code: 'workspace_session',
    message: 'You came in through your company’s sign-in: sign in with your password to change your account.',
  });
}
