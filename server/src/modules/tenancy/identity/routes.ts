// HTTP of signing in by who one is elsewhere, and of the settings for it.
import {
  beginSignIn,
  begunSignIn,
  changeSingleSignOn,
  checkSingleSignOn,
  linkAccount,
  linkedAccounts,
  linkSupabase,
  type SignInProblem,
  singleSignOnAnswer,
  singleSignOnCheck,
} from '@parley/contract/identity';
import type { SecondStepAsked } from '@parley/contract/second-factor';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { conflict, notFound, ParleyError, validationError } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { originOf } from '../../../core/request-origin.ts';
import { signedInUserId } from '../account.ts';
import { securityWatch } from '../audit/watch.ts';
import { signInPort } from '../sign-in-port.ts';
import { supabasePort } from '../tokens/bearer.ts';
import { changeConnection, checkConnection, readConnection, removeConnection } from './connection.ts';
import { browserOf, type Flow, keepFlow, markBrowser, takeFlow } from './flows.ts';
import { linkIdentity, listLinked, unlink } from './linked.ts';
import { authorizationUrl, exchange, newPending } from './oidc.ts';
import { companyProvider, type Provider, workspaceOfDomain, workspaceProvider } from './providers.ts';
import { linkAccount as linkAccountOf, resolveCompany, resolveWorkspace, tellLinked } from './resolve.ts';

const tags = ['auth'];
const manage = { permission: 'sso:manage' };
const stepUp = { permission: 'signed-in', stepUp: true };

export function registerIdentityRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const userOf = (request: FastifyRequest) => signedInUserId(request.principal as Principal);

  const linkedOf = (request: FastifyRequest) =>
    listLinked(kernel, userOf(request), request.principal?.workspaceId ?? null);

  const begin = async (
    request: FastifyRequest,
    reply: FastifyReply,
    provider: Provider | null,
    flow: Pick<Flow, 'linkTo' | 'returnTo'> & { loginHint?: string },
  ) => {
    if (!provider) throw notFound('way to sign in');
    const { way, workspaceId } = provider;
    const pending = await newPending();
    let url: URL;
    try {
      url = await authorizationUrl(provider, pending, flow.loginHint ?? null);
    } catch (error) {
      request.log.warn({ err: error }, 'an identity provider could not be asked');
      throw new ParleyError({
        status: 502,
        code: 'identity_provider_failed',
        message: 'The identity provider does not answer. Try again, or sign in another way.',
      });
    }
    const { linkTo, returnTo } = flow;
    await keepFlow(
      kernel,
      pending,
      { way, workspaceId, linkTo, returnTo },
      markBrowser(kernel, request, reply),
    );
    return reply.code(201).header('cache-control', 'no-store').send({ url: url.href });
  };

  app.post(
    '/api/v1/auth/sign-ins',
    {
      schema: {
        summary: 'Begin to sign in by an identity provider',
        description:
          'Answers where the browser goes next. Which company’s it is, is known by the domain of the address.',
        tags,
        body: beginSignIn,
        response: { 201: begunSignIn },
      },
      config: { permission: 'public' },
    },
    async (request, reply) => {
      refuseForeignPage(kernel, request);
      const { body } = request;
      const { returnTo } = body;
      if (body.way !== 'company')
        return begin(request, reply, companyProvider(kernel, body.way), { linkTo: null, returnTo });
      const workspaceId = await workspaceOfDomain(kernel, body.email);
      const provider = workspaceId && (await workspaceProvider(kernel, workspaceId));
      return begin(request, reply, provider || null, { linkTo: null, returnTo, loginHint: body.email });
    },
  );

  const back = async (request: FastifyRequest, reply: FastifyReply, name: string) => {
    const query = request.url.split('?')[1] ?? '';
    const state = new URLSearchParams(query).get('state') ?? '';
    reply.header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
    const flow = await takeFlow(kernel, state, browserOf(kernel, request));
    // Begun with another provider than answers here, it is none of ours.
    if (!flow || (flow.workspaceId ?? flow.way) !== name) return reply.redirect(problemPage('expired'));
    const own = flow.workspaceId === null ? null : await workspaceProvider(kernel, flow.workspaceId);
    const provider = flow.way === 'company' ? own : companyProvider(kernel, flow.way);
    if (!provider) return reply.redirect(problemPage('failed'));
    const page = flow.linkTo === null ? problemPage : problemInSettings;
    let claims: Awaited<ReturnType<typeof exchange>>;
    try {
      claims = await exchange(provider, query, flow);
    } catch (error) {
      // Its message can hold what the provider wrote; the code is enough.
      request.log.info({ code: (error as { code?: string }).code ?? null }, 'a sign-in elsewhere failed');
      return reply.redirect(page('failed'));
    }
    if (flow.linkTo !== null) {
      const user = await kernel.use(signInPort).sessionUser(headersOf(request));
      // They signed out, or in as somebody else, meanwhile.
      if (user?.id !== flow.linkTo || user.onlyWorkspace) return reply.redirect(page('expired'));
      const isTheirs = await linkIdentity(kernel, provider, claims, user.id);
      return reply.redirect(isTheirs ? '/settings?linked=1' : page('already_linked'));
    }
    const resolved = own
      ? await resolveWorkspace(kernel, own, claims)
      : await resolveCompany(kernel, provider, claims);
    if ('problem' in resolved) return reply.redirect(page(resolved.problem));
    const { cookies, asked } = await kernel.use(signInPort).beginSession({
      userId: resolved.userId,
      way: flow.way,
      onlyWorkspace: flow.workspaceId,
      headers: headersOf(request),
      address: request.ip,
    });
    for (const line of cookies) reply.header('set-cookie', line);
    if (asked) return reply.redirect(secondStepPage(flow.returnTo, asked));
    kernel
      .use(securityWatch)
      .signedIn(cookies.map((line) => line.split(';')[0]).join('; '), originOf(request), null);
    return reply.redirect(flow.returnTo);
  };
  const backSchema = { summary: 'Where an identity provider sends the browser back to', tags };
  const open = { permission: 'public' };
  for (const way of ['google', 'microsoft']) {
    app.get(`/api/v1/auth/callbacks/${way}`, { schema: backSchema, config: open }, (request, reply) =>
      back(request, reply, way),
    );
  }
  app.get(
    '/api/v1/auth/callbacks/:id',
    { schema: { ...backSchema, params: z.object({ id: z.uuid() }) }, config: open },
    (request, reply) => back(request, reply, request.params.id),
  );

  app.get(
    '/api/v1/auth/accounts',
    {
      schema: { summary: 'Who one is elsewhere', tags, response: { 200: linkedAccounts } },
      config: { permission: 'signed-in' },
    },
    async (request) => linkedOf(request),
  );
  app.post(
    '/api/v1/auth/accounts',
    {
      schema: {
        summary: 'Begin to link who one is elsewhere',
        tags,
        body: linkAccount,
        response: { 201: begunSignIn },
      },
      config: stepUp,
    },
    async (request, reply) => {
      const { way } = request.body;
      const workspaceId = request.principal?.workspaceId;
      const provider =
        way === 'company'
          ? workspaceId
            ? await workspaceProvider(kernel, workspaceId)
            : null
          : companyProvider(kernel, way);
      return begin(request, reply, provider, { linkTo: userOf(request), returnTo: '/settings' });
    },
  );
  app.put(
    '/api/v1/auth/accounts/supabase',
    {
      schema: {
        summary: 'Link one’s account of the Supabase project',
        tags,
        body: linkSupabase,
        response: { 200: linkedAccounts },
      },
      config: stepUp,
    },
    async (request) => {
      const userId = userOf(request);
      const claims = await kernel.use(supabasePort)?.read(request.body.token);
      if (!claims) throw validationError('This is no token of the project.');
      const isTheirs = await kernel.database.asSystem((queries) =>
        linkAccountOf(queries, 'supabase', claims.sub, userId),
      );
      if (!isTheirs) throw conflict('already_linked', 'It is linked to somebody else.');
      await tellLinked(kernel, userId, 'supabase');
      return linkedOf(request);
    },
  );
  app.delete(
    '/api/v1/auth/accounts/:id',
    {
      schema: {
        summary: 'Unlink who one is elsewhere',
        description: 'What was opened by it ends, but for the session that asks.',
        tags,
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.null() },
      },
      config: stepUp,
    },
    async (request, reply) => {
      await unlink(kernel, userOf(request), request.params.id, request.principal?.sessionId ?? null);
      return reply.code(204).send(null);
    },
  );

  app.get(
    '/api/v1/workspace/sso',
    {
      schema: {
        summary: 'The workspace’s own sign-in',
        tags: ['workspace'],
        response: { 200: singleSignOnAnswer },
      },
      config: manage,
    },
    async (request) => readConnection(request.ctx),
  );
  app.put(
    '/api/v1/workspace/sso',
    {
      schema: {
        summary: 'Set the workspace’s own sign-in',
        description: 'The identity provider is asked before anything is kept.',
        tags: ['workspace'],
        body: changeSingleSignOn,
        response: { 200: singleSignOnAnswer },
      },
      config: { ...manage, stepUp: true },
    },
    async (request) => changeConnection(kernel, request.ctx, request.body),
  );
  app.delete(
    '/api/v1/workspace/sso',
    {
      schema: {
        summary: 'Remove the workspace’s own sign-in',
        description: 'Who had come by it is out.',
        tags: ['workspace'],
        response: { 204: z.null() },
      },
      config: { ...manage, stepUp: true },
    },
    async (request, reply) => {
      await removeConnection(kernel, request.ctx);
      return reply.code(204).send(null);
    },
  );
  app.put(
    '/api/v1/workspace/sso/check',
    {
      schema: {
        summary: 'Ask an identity provider whether it is one, and knows the client',
        tags: ['workspace'],
        body: checkSingleSignOn,
        response: { 200: singleSignOnCheck },
      },
      config: { ...manage, stepUp: true },
    },
    async (request) => checkConnection(kernel, request.ctx, request.body),
  );
}

const problemPage = (problem: SignInProblem) => `/?problem=${problem}`;
const problemInSettings = (problem: SignInProblem) => `/settings?problem=${problem}`;

/** The page that was asked for: it shows the sign-in, which reads there what to ask for. */
function secondStepPage(returnTo: string, { ways }: SecondStepAsked): string {
  const page = new URL(returnTo, 'http://page');
  page.searchParams.set('second-step', ways.join('.'));
  return page.pathname + page.search + page.hash;
}

function headersOf(request: FastifyRequest): Headers {
  const { cookie = '', 'user-agent': agent = '' } = request.headers;
  return new Headers({ cookie, 'user-agent': agent });
}

/** Nobody is signed in yet, and a foreign page could still begin something in this browser. */
function refuseForeignPage({ config }: Kernel, request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin === undefined || origin === new URL(config.publicUrl).origin) return;
  if (config.CORS_ORIGINS.includes(origin)) return;
  throw new ParleyError({
    status: 403,
    code: 'foreign_origin',
    message: 'This page may not begin a sign-in here.',
  });
}
