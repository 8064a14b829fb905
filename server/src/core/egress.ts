// The one door through which Parley calls out. Every call has a time limit, a size limit and a guard against
// being sent to addresses that an outsider must not reach through us (SSRF).
import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, buildConnector, type Dispatcher, fetch as undiciFetch } from 'undici';

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
  /** None of the operator's exceptions holds, e.g. because it was not we who chose the host. */
  readonly publicOnly?: boolean;
}

export interface EgressResponse {
  readonly status: number;
  /** Lower-cased names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer whose body is read as it comes. */
export interface EgressStream extends Omit<EgressResponse, 'body'> {
  readonly body: AsyncIterable<Buffer>;
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
  /**
   * Redirects are answers like any other: they are returned, never followed.
   * @throws EgressError
   */
  request(request: EgressRequest): Promise<EgressResponse>;
  /**
   * Resolves with the head of the answer; the body fails with an EgressError too. Without a time limit: the caller's signal
   * bounds it, and the caller reads the body to its end or aborts.
   * @throws EgressError
   */
  stream(request: Omit<EgressRequest, 'timeoutMs' | 'publicOnly'>): Promise<EgressStream>;
  /** A `fetch` for libraries that want one (the AI SDK), under the same guard. */
  readonly fetch: typeof globalThis.fetch;
  /** Waits for the running requests (each has its time limit) and breaks off what a `fetch` still streams. */
  close(): Promise<void>;
}

export interface EgressOptions {
  /** The operator's exceptions to the guard: `host` (any port) or `host:port`; IPv6 with a port in brackets. */
  readonly allowHosts?: readonly string[];
  /** Where there are any, no other host is called: `host`, `host:port`, or `*.host` for all below it. */
  readonly onlyHosts?: readonly string[];
  /** Only the operator's exceptions are called without TLS: what is sent holds credentials, or what people said. */
  readonly isEncrypted?: boolean;
  /** Connections to one origin; further calls wait for one, within their time limit. */
  readonly connectionsPerOriginMax?: number;
  readonly connectTimeoutMs?: number;
  /** From a `fetch` call to the last byte of its answer. */
  readonly fetchTimeoutMs?: number;
  readonly fetchBytesMax?: number;
}

export function createEgress(options: EgressOptions = {}): Egress {
  const agent = openAgent(options, allowList(options.allowHosts ?? []));
  // Of its own: a connection that an exception has opened would serve whoever comes next.
  const publicAgent = openAgent(options, () => false);
  const running = new Set<Promise<EgressResponse>>();
  return {
    request(request) {
      const answer = call(request.publicOnly ? publicAgent : agent, request);
      running.add(answer);
      const forget = () => running.delete(answer);
      answer.then(forget, forget);
      return answer;
    },
    stream: (request) => openStream(agent, request),
    fetch: guardedFetch(agent, options.fetchTimeoutMs ?? 120_000, options.fetchBytesMax ?? 32 * 1024 * 1024),
    async close() {
      await Promise.allSettled(running);
      await Promise.all([agent.destroy(), publicAgent.destroy()]);
    },
  };
}

type IsAllowed = (hostname: string, port: string) => boolean;

function openAgent(options: EgressOptions, isAllowed: IsAllowed): Agent {
  const timeout = options.connectTimeoutMs ?? 10_000;
  const isListed = options.onlyHosts?.length ? allowList(options.onlyHosts) : () => true;
  // HTTP/1.1 without pipelining: one request on a connection, so that a lost connection says which request it concerns.
  const open = buildConnector({ timeout, allowH2: false });
  const openGuarded = buildConnector({ timeout, allowH2: false, lookup: guardedLookup });
  return new Agent({
    allowH2: false,
    pipelining: 1,
    connections: options.connectionsPerOriginMax ?? 128,
    connect: (target, callback) => {
      const hostname = bare(target.hostname);
      const port = target.port || (target.protocol === 'https:' ? '443' : '80');
      const allowed = isAllowed(hostname, port);
      const isForbidden =
        !isListed(hostname, port) || (ipaddr.isValid(hostname) && !isPublicAddress(hostname));
      if (!allowed && isForbidden) {
        callback(refusal(hostname), null);
        return;
      }
      if (!allowed && options.isEncrypted && target.protocol !== 'https:') {
        callback(new EgressError('forbidden', `calls to ${hostname} are allowed over https only`), null);
        return;
      }
      const connect = allowed ? open : openGuarded;
      connect(target, (error, socket) => {
        if (error === null) callback(null, socket);
        // Whatever fails before there is a connection (name, TCP, TLS) has sent nothing.
        else if (error instanceof EgressError) callback(error, null);
        else callback(new EgressError('not_sent', 'no connection could be made', { cause: error }), null);
      });
    },
  });
}

/**
 * Whether an address is one that the public internet may have: global unicast, and no address that carries another
 * one inside (IPv4-mapped, NAT64, 6to4, Teredo). The ranges are those of IANA's special-purpose registries.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  // ipaddr.js calls everything it has no name for unicast; RFC 4291 section 2.4 has handed out 2000::/3 only.
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast);
}

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

function bare(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[|\]$/g, '');
}

function allowList(entries: readonly string[]): IsAllowed {
  const allowed = new Set<string>();
  for (const entry of entries) {
    const parts = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry.trim());
    // An entry with several colons and no brackets is a bare IPv6 address.
    allowed.add(parts ? `${bare(parts[1] ?? '')} ${parts[2] ?? '*'}` : `${bare(entry.trim())} *`);
  }
  const isNamed = (hostname: string, port: string) =>
    allowed.has(`${hostname} *`) || allowed.has(`${hostname} ${port}`);
  return (hostname, port) => {
    const labels = hostname.split('.');
    const isBelow = (at: number) => isNamed(`*.${labels.slice(at).join('.')}`, port);
    return isNamed(hostname, port) || labels.slice(1).some((_, index) => isBelow(index + 1));
  };
}

/** Whether the operator named this URL's host as one that may be called although it is private. */
export function isAllowedHost(allowHosts: readonly string[], url: string): boolean {
  const { hostname, port, protocol } = new URL(url);
  return allowList(allowHosts)(bare(hostname), port || (protocol === 'https:' ? '443' : '80'));
}

function refusal(hostname: string): EgressError {
  return new EgressError('forbidden', `calls to ${hostname} are not allowed`);
}

/**
 * Resolves and checks in one step, and hands the checked addresses to the connection: a name that changes its answer
 * between a check and a connection (DNS rebinding) gains nothing. One bad address condemns the name.
 */
const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) callback(error, []);
    else if (!addresses.every(({ address }) => isPublicAddress(address))) callback(refusal(hostname), []);
    else if (options.all) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  });
};

/** @throws EgressError `forbidden` */
function target(input: string): URL {
  const url = URL.canParse(input) ? new URL(input) : null;
  if (url === null) throw new EgressError('forbidden', 'the address is no URL');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EgressError('forbidden', 'only http and https are allowed');
  }
  if (url.username !== '' || url.password !== '') {
    throw new EgressError('forbidden', 'credentials in a URL are not allowed');
  }
  return url;
}

function call(agent: Agent, request: EgressRequest): Promise<EgressResponse> {
  return new Promise((resolve, reject) => {
    const url = target(request.url);
    const chunks: Buffer[] = [];
    let controller: Dispatcher.DispatchController | null = null;
    let settled = false;
    let status = 0;
    let headers: Record<string, string> = {};
    let bytes = 0;

    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (failure: EgressFailure, message: string, cause?: unknown) =>
      settle(() => {
        const error = new EgressError(failure, message, cause === undefined ? undefined : { cause });
        reject(error);
        controller?.abort(error);
      });
    // Once a request is on a connection its bytes may arrive, whatever happens to the connection afterwards.
    const breakOff = (message: string, cause?: unknown) =>
      fail(controller === null ? 'not_sent' : 'unanswered', message, cause);
    const onAbort = () => breakOff('the call was given up', request.signal?.reason);
    const timer = setTimeout(() => breakOff(`no answer within ${request.timeoutMs} ms`), request.timeoutMs);

    const handler: Dispatcher.DispatchHandler = {
      // Called when a connection stands and the request is about to be written to it.
      onRequestStart(started) {
        if (settled) started.abort(new EgressError('not_sent', 'the call was given up'));
        else if (controller !== null) {
          started.abort(
            new EgressError('unanswered', 'the connection was lost and the request is not repeated'),
          );
        } else controller = started;
      },
      onResponseStart(_controller, statusCode, received) {
        status = statusCode;
        headers = flatten(received);
        if (Number(headers['content-length'] ?? 0) > request.bytesMax) tooLarge();
      },
      onResponseData(_controller, chunk) {
        bytes += chunk.length;
        if (bytes > request.bytesMax) tooLarge();
        else chunks.push(chunk);
      },
      onResponseEnd() {
        settle(() => resolve({ status, headers, body: Buffer.concat(chunks, bytes) }));
      },
      onResponseError(_controller, error) {
        if (error instanceof EgressError) settle(() => reject(error));
        // undici refuses a request that it cannot write as HTTP (a line break in a header, say) with this code.
        else if (controller === null && 'code' in error && error.code === 'UND_ERR_INVALID_ARG') {
          fail('forbidden', 'the request is not valid HTTP', error);
        } else breakOff('the connection was lost', error);
      },
    };
    const tooLarge = () => fail('too_large', `the answer is longer than ${request.bytesMax} bytes`);

    if (request.signal?.aborted) {
      onAbort();
      return;
    }
    request.signal?.addEventListener('abort', onAbort, { once: true });
    agent.dispatch(
      {
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: request.method ?? 'GET',
        headers: { ...request.headers },
        body: request.body ?? null,
        // The time limit of the whole call stands above these.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      handler,
    );
  });
}

async function openStream(
  agent: Agent,
  request: Omit<EgressRequest, 'timeoutMs' | 'publicOnly'>,
): Promise<EgressStream> {
  const url = target(request.url);
  const answer = await agent
    .request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method ?? 'GET',
      headers: { ...request.headers },
      body: request.body ?? null,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(request.signal ? { signal: request.signal } : {}),
    })
    .catch((error: unknown) => {
      throw brokenOff(error);
    });
  return {
    status: answer.statusCode,
    headers: flatten(answer.headers),
    body: bounded(answer.body, request.bytesMax),
  };
}

function brokenOff(error: unknown): EgressError {
  return error instanceof EgressError
    ? error
    : new EgressError('unanswered', 'the connection was lost', { cause: error });
}

async function* bounded(body: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer> {
  let left = bytesMax;
  try {
    for await (const chunk of body) {
      left -= chunk.byteLength;
      if (left < 0) throw new EgressError('too_large', `the answer is longer than ${bytesMax} bytes`);
      yield chunk;
    }
  } catch (error) {
    throw brokenOff(error);
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function guardedFetch(agent: Agent, timeoutMs: number, bytesMax: number): typeof globalThis.fetch {
  return async (input, init = {}) => {
    // A Request of the global fetch means nothing to the library's own fetch: take it apart.
    const request = input instanceof Request ? new Request(input, init) : null;
    const url = target(request ? request.url : String(input));
    const given = request ?? init;
    const signals = [AbortSignal.timeout(timeoutMs), ...(given.signal ? [given.signal] : [])];
    const answer = await undiciFetch(url, {
      method: given.method ?? 'GET',
      headers: [...new Headers(given.headers)],
      body: (request ? request.body && (await request.arrayBuffer()) : init.body) as never,
      ...(init.body instanceof ReadableStream ? { duplex: 'half' } : {}),
      redirect: 'manual',
      signal: AbortSignal.any(signals),
      dispatcher: agent,
    });
    const limit = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, stream) {
        left -= chunk.byteLength;
        if (left >= 0) stream.enqueue(chunk);
        else stream.error(new EgressError('too_large', `the answer is longer than ${bytesMax} bytes`));
      },
    });
    let left = bytesMax;
    const body = answer.body ? (answer.body as ReadableStream<Uint8Array>).pipeThrough(limit) : null;
    return new Response(body, {
      status: answer.status,
      statusText: answer.statusText,
      headers: [...answer.headers],
    });
  };
}
