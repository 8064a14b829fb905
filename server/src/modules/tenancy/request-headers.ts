// A request's headers, as the sign-in library reads them, and what is read from those.
import type { FastifyRequest } from 'fastify';
import type { Origin } from '../../core/context.ts';
import { describeDevice } from '../../core/request-origin.ts';
import { addressHeader } from './sign-in-port.ts';

/** The caller's address as we know it: X-Forwarded-For is whatever the caller says, and sign-ins are limited by it. */
export function signInHeaders(request: FastifyRequest): Headers {
  const headers = webHeaders(request);
  headers.set(addressHeader, request.ip);
  return headers;
}

export function webHeaders(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && name !== 'content-length')
      headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

/** Within the library, which has no request of ours: `signInHeaders` said the address. */
export function originOfHeaders(headers: Headers | undefined): Origin {
  return {
    via: 'http',
    address: headers?.get(addressHeader) || null,
    device: describeDevice(headers?.get('user-agent') ?? undefined),
    sessionId: null,
  };
}
