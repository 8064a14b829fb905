import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../core/http.ts';
import type { Kernel } from '../../core/kernel.ts';
import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { answerAsk, answerNotedAsk } from './account-asks.ts';
import {
  apiKeyCreated,
  apiKeyRevoked,
  memberChanged,
  memberCreated,
  memberRemoved,
  workspaceChanged,
} from './events.ts';
import { forgetAttempts, forgetOldAttempts } from './lock-out.ts';

export const tenancyModule: Module = {
  name: 'tenancy',
  routes: async (server, kernel) => (await import('./routes.ts')).registerTenancyRoutes(server, kernel),
  jobs: [work(answerAsk, answerNotedAsk), work(forgetAttempts, forgetOldAttempts)],
  schedules: [{ job: forgetAttempts, cron: '47 * * * *', input: {} }],
  events: [apiKeyCreated, apiKeyRevoked, memberCreated, memberChanged, memberRemoved, workspaceChanged],
};

/** Reads who a request comes from; loaded where requests come. */
export async function createAuthenticator(
  kernel: Kernel,
): Promise<(request: FastifyRequest) => Promise<Principal | null>> {
  return (await import('./routes.ts')).createAuthenticator(kernel);
}

export { createSignIn } from './sign-in.ts';
export { signInPort } from './sign-in-port.ts';
export { createSocketCredentials } from './socket-credentials.ts';
