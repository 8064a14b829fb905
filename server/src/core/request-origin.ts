// Where an HTTP request came from, as the audit has it.
import { browserOf } from '@parley/contract/devices';
import type { FastifyRequest } from 'fastify';
import type { Origin } from './context.ts';

/**
 * Browser and system, or the program's own first word ("curl/8.5.0"): enough to recognise what one uses oneself. The
 * rest of a User-Agent tells people apart who need not be, and may hold anything.
 */
export function describeDevice(userAgent: string | undefined): string | null {
  if (!userAgent) return null;
  return browserOf(userAgent) ?? /^[A-Za-z][\w.-]{0,30}(?:\/[\w.-]{1,20})?/.exec(userAgent)?.[0] ?? null;
}

/** The session is known where the route asked who it is; a public one does not. */
export function originOf(request: FastifyRequest): Origin {
  return {
    via: 'http',
    address: request.ip,
    device: describeDevice(request.headers['user-agent']),
    sessionId: request.principal?.sessionId ?? null,
  };
}
