// What every failure looks like on the wire: one envelope, a stable code and a public sentence; the cause goes to the log.
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { CryptoError } from './crypto.ts';
import { databaseErrorCode, isUnavailable, ParleyError } from './errors.ts';
import { replayIdempotent } from './idempotency.ts';
import { newId } from './identifiers.ts';
import type { Kernel } from './kernel.ts';
import { plainHeaders } from './security-headers.ts';

/** Node's parser errors: the bytes are no request, so there is no reply to send them with. */
const brokenRequests: Record<string, { status: number; reason: string; code: string; message: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'headers_too_large',
    message: 'The address or the headers are too long.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'timeout',
    message: 'The request took too long to arrive.',
  },
};

/** Answers what Node could not read as a request, and closes the connection. */
export function answerBroken(error: Error & { code?: string }, socket: Socket, kernel: Kernel): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, reason, code, message } = brokenRequests[error.code ?? ''] ?? {
    status: 400,
    reason: 'Bad Request',
    code: 'bad_request',
    message: 'This is not a valid HTTP request.',
  };
  const requestId = newId();
  const timestamp = kernel.clock.date().toISOString();
  const body = JSON.stringify({ error: { code, message, timestamp, requestId } });
  kernel.log.info({ request_id: requestId, status, code: error.code }, 'a request could not be read');
  const headers = Object.entries(plainHeaders(kernel.config)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json; charset=utf-8\r\nX-Request-Id: ${requestId}\r\n${headers.join('')}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

/** Puts the envelope around whatever a route or Fastify itself throws, and around addresses that lead nowhere. */
export function installErrors(app: FastifyInstance, kernel: Kernel): void {
  app.setNotFoundHandler({ preHandler: [] }, (request, reply) => {
    sendError(
      request,
      reply,
      new ParleyError({ status: 404, code: 'sms.not_found', message: 'There is nothing at this address.' }),
      kernel,
    );
  });
  app.setErrorHandler(async (original, request, reply) => {
    let error: unknown = original instanceof Error ? original : new Error('what was thrown is no Error');
    try {
      if (await replayIdempotent(error, request)) return reply;
    } catch (replayError) {
      error = replayError;
    }
    sendError(request, reply, toParleyError(error), kernel, error);
    return reply;
  });
}

/** Node and Fastify errors that are the caller's doing, as what they are in the envelope. */
const callerErrors: Record<string, { status: number; code: string; message: string }> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large', message: 'The body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    message: 'This content type is not understood here.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'sms.validation_error', message: 'The body is empty.' },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    code: 'sms.validation_error',
    message: 'The body is not JSON.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'sms.validation_error',
    message: 'The body is not as long as it says.',
  },
  FST_ERR_BAD_URL: { status: 400, code: 'sms.validation_error', message: 'The address is not valid.' },
  FST_ERR_HANDLER_TIMEOUT: {
    status: 503,
    code: 'timeout',
    message:
      'This took too long and may still be done. Look before you try again, or repeat an Idempotency-Key.',
  },
};

const nulCharacter = {
  status: 400,
  code: 'sms.validation_error',
  message: 'Text may not hold the character NUL.',
};
/** PostgreSQL stores every character but one, in text (22021) and in JSON (22P05). */
const textErrors: Record<string, typeof nulCharacter> = { '22021': nulCharacter, '22P05': nulCharacter };

/** What the keyring and a vault say of a key that was destroyed; every other CryptoError is a fault of ours. */
const goneKeys = new Set(['the keys of this workspace are gone', 'the key of this value is gone']);

function isKeyGone(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    if (current instanceof CryptoError && goneKeys.has(current.message)) return true;
    current = current.cause;
  }
  return false;
}

function contentUnreadable(cause: unknown): ParleyError {
  return new ParleyError({
    status: 410,
    code: 'content_unreadable',
    message:
      'The key of this content was destroyed: nobody can read it any more, and nothing brings it back.',
    cause,
  });
}

/** What an error is to the caller; whatever is not known is a 500 that says nothing. */
export function toParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const context = error.validationContext ?? 'body';
    return new ParleyError({
      status: 400,
      code: 'sms.validation_error',
      message: 'The request is not valid.',
      details: error.validation.map((issue) => ({
        path: `${context}${issue.instancePath.replaceAll('/', '.')}`,
        message: issue.message ?? 'is not valid',
      })),
    });
  }
  if (isKeyGone(error)) return contentUnreadable(error);
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const known = (code ? callerErrors[code] : undefined) ?? textErrors[databaseErrorCode(error) ?? ''];
  if (known) return new ParleyError(known);
  if (statusCode === 429)
    return new ParleyError({
      status: 429,
      code: 'rate_limited',
      message: 'Too many requests. Wait a moment.',
    });
  if (error instanceof SyntaxError && statusCode === 400) {
    return new ParleyError({ status: 400, code: 'sms.validation_error', message: 'The body is not JSON.' });
  }
  if (statusCode && statusCode >= 400 && statusCode < 500) {
    return new ParleyError({
      status: statusCode,
      code: 'bad_request',
      message: 'The request is not valid.',
      cause: error,
    });
  }
  if (isUnavailable(error)) {
    return new ParleyError({
      status: 503,
      code: 'unavailable',
      message: 'This cannot be done right now. Try again in a moment.',
      headers: { 'retry-after': '1' },
      cause: error,
    });
  }
  return new ParleyError({
    status: 500,
    code: 'internal',
    message: 'Something went wrong on our side. It has been logged.',
    cause: error,
  });
}

/** Answers with the envelope. `original` is what the log is told when it is our fault (5xx). */
export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ParleyError,
  kernel: Kernel,
  original?: unknown,
): void {
  if (error.status >= 500) {
    const cause = isResponseSerializationError(original) ? original.cause : (original ?? error);
    kernel.log.error(
      { err: cause, request_id: request.id, route: request.routeOptions?.url, code: error.code },
      'a request failed',
    );
  }
  if (error.headers) reply.headers(error.headers);
  reply
    .code(error.status)
    // What Fastify refuses by itself passes no hook.
    .headers(plainHeaders(kernel.config))
    .header('content-type', 'application/json; charset=utf-8')
    .header('x-request-id', request.id)
    // A route's response schemas are for its successes; the envelope is the same everywhere.
    .serializer((payload: unknown) => JSON.stringify(payload))
    .send({
      error: {
        code: error.code,
        message: error.message,
        ...(error.details ? { details: error.details } : {}),
        timestamp: kernel.clock.date().toISOString(),
        requestId: request.id,
      },
    });
}
