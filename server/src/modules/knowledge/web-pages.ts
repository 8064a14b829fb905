// Pages of other people's sites, fetched through the guarded door only: redirects are followed a few times and each is
// looked at again, robots.txt is honoured, sizes and types have limits.
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { TrainingDataError } from '@parley/contract/training-data';
import { type Egress, EgressError, type EgressResponse } from '../../core/egress.ts';
import { type RecognisedFile, recognise } from './file-kinds.ts';
import { type Robots, readRobots } from './robots.ts';

/** How sites know us, and name us in their robots.txt. */
const agent = 'ParleyBot';
const pageBytesMax = 10 * 1024 * 1024;
const robotsBytesMax = 512 * 1024;
const timeoutMs = 20_000;
const redirectsMax = 5;

export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export type Fetched =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'gone' }
  /** `again`: it may work in a while. */
  | { readonly kind: 'failed'; readonly error: TrainingDataError; readonly again: boolean }
  | ({
      readonly kind: 'fetched';
      readonly bytes: Buffer;
      readonly charset: string;
      readonly contentType: string;
    } & Validators);

/** Fetches pages for one reading: what a site's robots.txt says is asked once. */
export class PageFetcher {
  readonly #egress: Egress;
  readonly #signal: AbortSignal;
  readonly #publicUrl: string;
  readonly #robots = new Map<string, Promise<Robots | 'unreachable'>>();

  constructor(egress: Egress, publicUrl: string, signal: AbortSignal) {
    this.#egress = egress;
    this.#publicUrl = publicUrl;
    this.#signal = signal;
  }

  async fetch(address: string, validators: Validators): Promise<Fetched> {
    try {
      return await this.#fetch(address, validators);
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      this.#signal.throwIfAborted();
      if (error.failure === 'forbidden') return failed('address_forbidden');
      if (error.failure === 'too_large') return failed('too_large');
      return failed('not_fetched', true);
    }
  }

  async #fetch(address: string, validators: Validators): Promise<Fetched> {
    let url = new URL(address);
    const { hostname } = url;
    for (let hop = 0; hop <= redirectsMax; hop += 1) {
      if (!/^https?:$/.test(url.protocol)) return failed('address_forbidden');
      // Where a site sends us, it and not a member chose.
      const publicOnly = url.hostname !== hostname;
      const robots = await this.#robotsOf(url.origin, publicOnly);
      if (robots === 'unreachable') return failed('not_fetched', true);
      if (!robots.isAllowed(url)) return failed('robots_forbid');
      const answer = await this.#ask(url.href, pageBytesMax, publicOnly, {
        accept: 'text/html,application/xhtml+xml,text/plain;q=0.9,application/pdf;q=0.8,*/*;q=0.5',
        ...(validators.etag ? { 'if-none-match': validators.etag } : {}),
        ...(validators.lastModified ? { 'if-modified-since': validators.lastModified } : {}),
      });
      const next = redirectOf(answer, url);
      if (next === null) return toFetched(answer);
      url = next;
    }
    return failed('not_fetched');
  }

  /** What RFC 9309 asks for: no robots.txt allows all, one that cannot be reached allows nothing. */
  #robotsOf(origin: string, publicOnly: boolean): Promise<Robots | 'unreachable'> {
    const key = `${origin} ${publicOnly}`;
    const known = this.#robots.get(key);
    if (known) return known;
    const asked = this.#readRobots(new URL('/robots.txt', origin), publicOnly);
    this.#robots.set(key, asked);
    return asked;
  }

  async #readRobots(address: URL, publicOnly: boolean): Promise<Robots | 'unreachable'> {
    let url = address;
    for (let hop = 0; hop <= redirectsMax; hop += 1) {
      const isElsewhere = publicOnly || url.hostname !== address.hostname;
      const answer = await this.#ask(url.href, robotsBytesMax, isElsewhere, { accept: 'text/plain' });
      const next = redirectOf(answer, url);
      if (next !== null && /^https?:$/.test(next.protocol)) {
        url = next;
        continue;
      }
      if (answer.status >= 500 || answer.status === 429) return 'unreachable';
      const body = answer.status === 200 ? inflate(answer, robotsBytesMax) : null;
      return readRobots(body?.toString('utf8') ?? '', agent);
    }
    return readRobots('', agent);
  }

  #ask(
    url: string,
    bytesMax: number,
    publicOnly: boolean,
    headers: Record<string, string>,
  ): Promise<EgressResponse> {
    return this.#egress.request({
      url,
      bytesMax,
      publicOnly,
      timeoutMs,
      signal: this.#signal,
      headers: {
        'user-agent': `${agent}/1.0 (+${this.#publicUrl})`,
        'accept-encoding': 'gzip, br, deflate',
        ...headers,
      },
    });
  }
}

/** Null for what redirects nowhere. */
function redirectOf(answer: EgressResponse, from: URL): URL | null {
  const { location } = answer.headers;
  if (![301, 302, 303, 307, 308].includes(answer.status) || !location) return null;
  return URL.canParse(location, from.href) ? new URL(location, from) : null;
}

function toFetched(answer: EgressResponse): Fetched {
  const { status, headers } = answer;
  if (status === 304) return { kind: 'unchanged' };
  if (status === 404 || status === 410) return { kind: 'gone' };
  if (status !== 200) return failed('not_fetched', status === 429 || status >= 500);
  const bytes = inflate(answer, pageBytesMax);
  if (!bytes) return failed('too_large');
  const contentType = headers['content-type'] ?? '';
  return {
    kind: 'fetched',
    bytes,
    contentType,
    charset: /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ?? '',
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
  };
}

/** Null for what becomes longer than it may, or is not what it says. */
function inflate({ headers, body }: EgressResponse, bytesMax: number): Buffer | null {
  const options = { maxOutputLength: bytesMax };
  try {
    switch ((headers['content-encoding'] ?? 'identity').trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, options);
      case 'br':
        return brotliDecompressSync(body, options);
      case 'deflate':
        return inflateSync(body, options);
      default:
        return body;
    }
  } catch {
    return null;
  }
}

/** A sitemap may be packed as a file. */
export function unpackSitemap(bytes: Buffer): Buffer | null {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
    ? inflate({ status: 200, headers: { 'content-encoding': 'gzip' }, body: bytes }, pageBytesMax)
    : bytes;
}

/** What a page is; null for what cannot be read. */
export function recognisePage(fetched: {
  bytes: Buffer;
  contentType: string;
}): Promise<RecognisedFile | null> {
  return recognise(fetched.bytes, '', fetched.contentType);
}

const sentences = {
  not_fetched: 'The page could not be fetched.',
  robots_forbid: 'The site asks programs not to read this page (robots.txt).',
  address_forbidden: 'This address must not be called from here.',
  too_large: 'The page is larger than 10 MB.',
  type_not_read: 'What is at this address is of a kind that cannot be read.',
  page_gone: 'The site says that there is no such page.',
  no_pages: 'The sitemap names no page of its own site.',
} as const;

export function pageError(code: keyof typeof sentences): TrainingDataError {
  return { code, message: sentences[code] };
}

function failed(code: keyof typeof sentences, again = false): Fetched & { kind: 'failed' } {
  return { kind: 'failed', error: pageError(code), again };
}
