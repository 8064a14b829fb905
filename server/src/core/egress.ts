// The one door through which Parley calls out. Every call has a time limit, a size limit and a guard against
// being sent to addresses that an outsider must not reach through us (SSRF).

export interface EgressRequest {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** A longer answer fails the call. */
  readonly bytesMax: number;
  readonly signal?: AbortSignal;
}

export interface EgressResponse {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * - `forbidden`: the guard refused the address; nothing left.
 * - `not_sent`: no connection could be made; nothing left.
 * - `unanswered`: the request may have arrived, and no whole answer came back.
 * - `too_large`: the answer was longer than asked for.
 */
export type EgressFailure = 'forbidden' | 'not_sent' | 'unanswered' | 'too_large';

export class EgressError extends Error {
  override readonly name = 'EgressError';
  readonly failure: EgressFailure;
  constructor(failure: EgressFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

export interface Egress {
  /** @throws EgressError */
  request(request: EgressRequest): Promise<EgressResponse>;
  /** A `fetch` for libraries that want one (the AI SDK), under the same guard. */
  readonly fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}
