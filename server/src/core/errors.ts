// Errors that reach a person: a stable code, a public sentence, and a cause that stays inside.

export interface ErrorDetail {
  /** Where in the input, e.g. `body.to`. */
  readonly path: string;
  readonly message: string;
}

export interface ParleyErrorOptions {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: readonly ErrorDetail[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export class ParleyError extends Error {
  override readonly name = 'ParleyError';
  readonly status: number;
  readonly code: string;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(options: ParleyErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.code = options.code;
    this.details = options.details;
    this.headers = options.headers;
  }
}

/** 404, also for what exists in another workspace. `what` is the customer's noun: "conversation". */
export function notFound(what: string): ParleyError {
  return new ParleyError({ status: 404, code: 'sms.not_found', message: `There is no such ${what}.` });
}

export function validationError(message: string, details?: readonly ErrorDetail[]): ParleyError {
  return new ParleyError({ status: 400, code: 'sms.validation_error', message, details });
}

export function conflict(code: string, message: string): ParleyError {
  return new ParleyError({ status: 409, code, message });
}

/** A provider did not do what was asked. `cause` stays in the log. */
export function externalFailed(message: string, cause?: unknown): ParleyError {
  return new ParleyError({ status: 502, code: 'sms.external_failed', message, cause });
}

/** The PostgreSQL error code (SQLSTATE) of a driver error, however wrapped; null when it is none. */
export function databaseErrorCode(error: unknown): string | null {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
    current = current.cause;
  }
  return null;
}

export const uniqueViolation = '23505';

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** Connection exceptions (class 08), shutting down or starting (57P0x), too many connections (53300). */
const turnedAway = /^(?:08[0-9A-Z]{3}|57P0[1-5]|53300)$/;
/** What node-postgres says without a code. */
const lostConnection =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether the database could not be reached or sent us away: the same may work in a moment. */
export function isUnavailable(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth += 1) {
    const code = String((current as { code?: unknown }).code ?? '');
    if (unreachable.has(code) || turnedAway.test(code) || lostConnection.test(current.message)) return true;
    current = current.cause;
  }
  return false;
}
