// Calls the server's API: one envelope of errors becomes one class, and a network that is away is another thing than a refusal.
import type { ErrorEnvelope } from '@parley/contract/common';

/** Longer than the server takes for anything (60 s): then nobody answers any more. */
const timeoutMs = 65_000;

/** What browsers let outlive its page is 64 KB for all calls together; most changes are far smaller than this. */
const outlivingLengthMax = 4_000;

let errorWords = (_code: string, said: string): string => said;

/** In which words what failed is told from here on. */
export function tellErrorsWith(words: (code: string, said: string) => string): void {
  errorWords = words;
}

export type ApiPath = `/api/${string}`;

/** The server answered, and said no. `message` is a sentence for a person. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly details: readonly { readonly path: string; readonly message: string }[];
  readonly requestId: string | null;
  /** How long to wait before another try, when the server said so. */
  readonly retryAfterMs: number | null;

  constructor(answer: {
    status: number;
    code: string;
    message: string;
    details?: readonly { readonly path: string; readonly message: string }[];
    requestId?: string | null;
    retryAfterMs?: number | null;
  }) {
    super(errorWords(answer.code, answer.message));
    this.code = answer.code;
    this.status = answer.status;
    this.details = answer.details ?? [];
    this.requestId = answer.requestId ?? null;
    this.retryAfterMs = answer.retryAfterMs ?? null;
  }
}

/** Nobody answered: no network, a server that is away, or no answer in time. What was asked for may have been done. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';

  constructor(cause: unknown) {
    super(errorWords('network', 'The server cannot be reached.'), { cause });
  }
}

let stepUp: ((refusal: ApiError) => Promise<boolean>) | null = null;
let steppingUp: Promise<boolean> | null = null;

/** Who asks the member to prove that it is them, and resolves with whether they did: the call is then made again. */
export function stepUpWith(ask: (refusal: ApiError) => Promise<boolean>): void {
  stepUp = ask;
}

export interface CallOptions {
  /** What is undefined or null is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly signal?: AbortSignal;
  /** For a POST that creates: the same key twice has the effect of once. See `newIdempotencyKey`. */
  readonly idempotencyKey?: string;
}

const asJson = async (response: Response) => (response.status === 204 ? null : await response.json());

/** Answers are trusted to be what the contract says: both sides come from the same release. */
export const api = {
  get: <Result>(path: ApiPath, options?: CallOptions) => call<Result>('GET', path, undefined, options),
  /** A file: a link would not say of which workspace. */
  file: (path: ApiPath, options?: CallOptions) =>
    call('GET', path, undefined, options, (response) => response.blob()),
  post: <Result>(path: ApiPath, body?: unknown, options?: CallOptions) =>
    call<Result>('POST', path, body, options),
  put: <Result>(path: ApiPath, body?: unknown, options?: CallOptions) =>
    call<Result>('PUT', path, body, options),
  patch: <Result>(path: ApiPath, body?: unknown, options?: CallOptions) =>
    call<Result>('PATCH', path, body, options),
  delete: <Result = null>(path: ApiPath, options?: CallOptions) =>
    call<Result>('DELETE', path, undefined, options),
};

/** Made when a member presses the button, and kept for every try of that one wish. */
export function newIdempotencyKey(): string {
  // Not randomUUID: browsers have it only over https and on localhost.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

let workspaceId: string | null = null;

/** Which workspace all further calls are about; null lets the server choose the first. */
export function chooseWorkspace(id: string | null): void {
  workspaceId = id;
}

const signedOutListeners = new Set<() => void>();

/** Told when nobody is signed in any more: after a sign-out, or when the server no longer knows us. @returns stops */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** Said by whoever signs out, and by every call that the server refuses for it. */
export function tellSignedOut(): void {
  for (const listener of signedOutListeners) listener();
}

/** @throws ApiError, NetworkError, or the signal's own reason when the caller gave up */
async function call<Result>(
  method: string,
  path: ApiPath,
  body: unknown,
  options: CallOptions = {},
  read: (response: Response) => Promise<Result> = asJson,
): Promise<Result> {
  const callOnce = () => answerOf(send(method, path, body, options), options.signal, read);
  try {
    return await callOnce();
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'step_up_required' && stepUp)) throw error;
    // Several at once ask once.
    steppingUp ??= stepUp(error).finally(() => {
      steppingUp = null;
    });
    if (!(await steppingUp)) throw error;
    return callOnce();
  }
}

function send(
  method: string,
  path: ApiPath,
  body: unknown,
  { query, signal, idempotencyKey }: CallOptions,
): Promise<Response> {
  const isForm = body instanceof FormData;
  const headers = callHeaders();
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  const timeout = AbortSignal.timeout(timeoutMs);
  const json = body === undefined || isForm ? undefined : JSON.stringify(body);
  return fetch(path + queryString(query), {
    method,
    headers,
    credentials: 'same-origin',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    // What a member did is done, also when they close the page or go on at once.
    keepalive: method !== 'GET' && !isForm && (json?.length ?? 0) <= outlivingLengthMax,
    ...(body === undefined ? {} : { body: isForm ? body : json }),
  });
}

/** What every call says. */
export function callHeaders(): Record<string, string> {
  return { accept: 'application/json', ...(workspaceId ? { 'x-workspace-id': workspaceId } : {}) };
}

/**
 * Reads the answer to a call that is under way.
 * @throws ApiError, NetworkError, or the signal's own reason when the caller gave up
 */
export async function answerOf<Result>(
  call: Promise<Response>,
  signal: AbortSignal | undefined,
  read: (response: Response) => Promise<Result>,
): Promise<Result> {
  try {
    const response = await call;
    if (response.ok) return await read(response);
    throw await readError(response);
  } catch (error) {
    if (error instanceof ApiError) {
      if (error.status === 401) tellSignedOut();
      throw error;
    }
    if (signal?.aborted) throw signal.reason;
    throw new NetworkError(error);
  }
}

function queryString(query: CallOptions['query']): string {
  const given = Object.entries(query ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return given.length === 0
    ? ''
    : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

async function readError(response: Response): Promise<ApiError | NetworkError> {
  const { status } = response;
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : null;
  const requestId = response.headers.get('x-request-id');
  const text = await response.text();
  try {
    const parsed: unknown = JSON.parse(text);
    const { error } = parsed as Partial<ErrorEnvelope>;
    if (error) return new ApiError({ ...error, status, retryAfterMs });
    // The sign-in library has an envelope of its own.
    const { code, message } = parsed as { code?: string; message?: string };
    if (message) return new ApiError({ status, code: code ?? 'unknown', message, requestId, retryAfterMs });
  } catch {
    // Not of ours: said by whatever stands between us and the server.
  }
  // A proxy speaks for a server that is away.
  if ([502, 503, 504].includes(status)) return new NetworkError(text);
  return new ApiError({
    status,
    code: 'unknown',
    message: `The server answered with ${status}.`,
    requestId,
    retryAfterMs,
  });
}
