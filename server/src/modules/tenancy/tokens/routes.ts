// HTTP of sessions and tokens.
import { createTokens, keySet, openSessionList, renewTokens, tokens } from '@parley/contract/sessions';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ParleyError } from '../../../core/errors.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { originOf } from '../../../core/request-origin.ts';
import { signedInUserId } from '../account.ts';
import { spokenOf } from '../account-asks.ts';
import { openFamily, renewFamily } from './families.ts';
import { Places } from './place.ts';
import { endOtherSessions, endSession, holderOf, listSessions } from './sessions.ts';
import { keySetSeconds, signingKeys } from './signing-keys.ts';

const tags = ['auth'];
/** A session that reaches one workspace does these too: for what reaches that workspace. */
const signedIn = { permission: 'signed-in', boundSession: true };

export function registerTokenRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const places = new Places(kernel);
  const holder = (request: FastifyRequest) => {
    const principal = request.principal as Principal;
    return holderOf(signedInUserId(principal), principal, originOf(request));
  };

  app.get(
    '/api/v1/auth/sessions',
    {
      schema: {
        summary: 'Where one is signed in',
        description: 'Browsers with a session, and programs with tokens.',
        tags,
        response: { 200: openSessionList },
      },
      config: signedIn,
    },
    async (request) => {
      const language = spokenOf(request.headers['accept-language']);
      return { items: await listSessions(kernel, places, holder(request), language) };
    },
  );
  app.delete(
    '/api/v1/auth/sessions',
    {
      schema: {
        summary: 'Sign out everywhere else',
        tags,
        response: { 204: z.null() },
      },
      config: signedIn,
    },
    async (request, reply) => {
      await endOtherSessions(kernel, holder(request));
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/api/v1/auth/sessions/:id',
    {
      schema: {
        summary: 'Sign out somewhere',
        description: 'At once: its sockets are closed too.',
        tags,
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.null() },
      },
      config: signedIn,
    },
    async (request, reply) => {
      await endSession(kernel, holder(request), request.params.id);
      return reply.code(204).send(null);
    },
  );
  app.post(
    '/api/v1/auth/tokens',
    {
      schema: {
        summary: 'Make tokens for a program of one’s own',
        description: 'Asked with a session, so after a password and whatever else signing in needs.',
        tags,
        body: createTokens,
        response: { 201: tokens },
      },
      config: { ...signedIn, stepUp: true },
    },
    async (request, reply) => {
      const { credential, way, onlyWorkspace } = request.principal as Principal;
      const { userId, sessionId } = holder(request);
      if (credential !== 'session' || sessionId === null) {
        throw new ParleyError({
          status: 403,
          code: 'session_needed',
          message: 'Tokens are made with a session, not with other tokens.',
        });
      }
      const { name = null, endSession: ends } = request.body;
      const made = await openFamily(kernel, {
        userId,
        sessionId,
        name,
        way: way ?? 'password',
        onlyWorkspace: onlyWorkspace ?? null,
        origin: originOf(request),
      });
      if (ends) await endSession(kernel, holder(request), sessionId);
      return reply.code(201).header('cache-control', 'no-store').send(made);
    },
  );
  app.put(
    '/api/v1/auth/tokens',
    {
      schema: {
        summary: 'Renew the tokens of a program',
        description:
          'A refresh token serves once, and comes with the next one. One that is used again ends all tokens of the program, and the user is told. So that a lost answer can be asked for again, name the renewal with `renewalId`.',
        tags,
        body: renewTokens,
        response: { 200: tokens },
      },
      config: { permission: 'public' },
    },
    async (request, reply) =>
      reply
        .header('cache-control', 'no-store')
        .send(await renewFamily(kernel, request.body, originOf(request))),
  );
  app.get(
    '/.well-known/jwks.json',
    {
      schema: { summary: 'The keys that access tokens are signed with', tags, response: { 200: keySet } },
      config: { permission: 'public' },
    },
    async (_request, reply) =>
      reply
        .header('cache-control', `public, max-age=${keySetSeconds}`)
        .send(await kernel.use(signingKeys).published()),
  );
}
