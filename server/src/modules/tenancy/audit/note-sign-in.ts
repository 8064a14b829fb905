// Tells the audit what the sign-in library was asked, and what it answered; the caller does not wait for it.
import { secondStep } from '@parley/contract/second-factor';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Kernel } from '../../../core/kernel.ts';
import { originOf } from '../../../core/request-origin.ts';
import type { GivenFactor } from './events.ts';
import { securityWatch } from './watch.ts';

const attempt = z.object({ email: z.string().max(200) });
/** Wrong, not let in, or made to wait for having guessed; who is only one of too many from their address has not guessed. */
const isRefusal = ({ status, headers }: Response) =>
  status === 401 || status === 403 || (status === 429 && headers.has('retry-after'));
/** A session's cookie that is set, and not taken away. */
const sessionCookie = /session_token=[^;]/;

/** @param path of the library, without its prefix */
export function noteSignIn(kernel: Kernel, request: FastifyRequest, path: string, response: Response): void {
  if (request.method !== 'POST') return;
  const watch = kernel.use(securityWatch);
  const origin = originOf(request);
  if (path === 'sign-in/email' && isRefusal(response)) {
    const { data } = attempt.safeParse(readJson(request.body));
    if (data) watch.signInFailed(data.email, origin);
  }
  if (!response.ok) return;
  const began = response.headers.getSetCookie().filter((line) => sessionCookie.test(line));
  const cookie = began.map((line) => line.split(';')[0]).join('; ');
  if (path === 'change-password') watch.passwordChanged(cookie || (request.headers.cookie ?? ''), origin);
  // However many steps a sign-in has: the one that gives a session ends it.
  else if (cookie) watch.signedIn(cookie, origin, givenFactor(request, path, response));
}

const secondStepPath = 'sign-in/second-factor';
const rememberedCookie = /remembered_device=[^;]/;

function givenFactor(request: FastifyRequest, path: string, response: Response): GivenFactor | null {
  if (path === 'passkey/verify-authentication') return 'passkey';
  if (path === secondStepPath) return secondStep.safeParse(readJson(request.body)).data?.way ?? null;
  // A browser that is remembered gets the next token with each sign-in.
  return response.headers.getSetCookie().some((line) => rememberedCookie.test(line)) ? 'remembered' : null;
}

function readJson(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return null;
  }
}
