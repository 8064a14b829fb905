// HTTP of proving that it is them: for whoever is signed in.
import { verification, verifySession as verifySessionSchema } from '@parley/contract/second-factor';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { describeDevice } from '../../../core/audit.ts';
import type { Origin } from '../../../core/context.ts';
import type { Principal } from '../../../core/http.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { readVerification, verifySession } from './verification.ts';

const tags = ['auth'];
const signedIn = { permission: 'signed-in' };
const principalOf = (request: FastifyRequest) => request.principal as Principal;

export function registerSecondFactorRoutes(server: FastifyInstance, kernel: Kernel): void {
  const app = server.withTypeProvider<ZodTypeProvider>();

  app.get(
    '/api/v1/auth/verification',
    {
      schema: {
        summary: 'Whether the session was proved lately, and how it can be',
        tags,
        response: { 200: verification },
      },
      config: signedIn,
    },
    async (request) => readVerification(kernel, principalOf(request)),
  );
  app.put(
    '/api/v1/auth/verification',
    {
      schema: {
        summary: 'Prove once more that it is you',
        description:
          'What is marked `x-step-up` is done for ten minutes after it; a sign-in counts too. API keys are not asked.',
        tags,
        body: verifySessionSchema,
        response: { 200: verification },
      },
      config: { ...signedIn, boundSession: true },
    },
    async (request) => verifySession(kernel, principalOf(request), request.body, originOf(request)),
  );
}

function originOf(request: FastifyRequest): Origin {
  const device = describeDevice(request.headers['user-agent']);
  return { via: 'http', address: request.ip, device, sessionId: request.principal?.sessionId ?? null };
}
