// Somebody's web site on loopback: pages that change, move, break and go, as its owner pleases.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SitePage {
  readonly body: string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  /** It is answered when this is. */
  readonly after?: Promise<unknown>;
}

export interface TestSite {
  readonly url: string;
  /** `host:port`, for the exceptions of the guard. */
  readonly host: string;
  /** Puts a page there, or takes it away. */
  put(path: string, page: SitePage | string | null): void;
  /** Every request since the last look, as `path status`. */
  requests(): string[];
  close(): Promise<void>;
}

export async function startSite(): Promise<TestSite> {
  const pages = new Map<string, SitePage>();
  let requests: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '/';
    const page = pages.get(path);
    const body = page ? Buffer.from(page.body) : Buffer.from('nothing here');
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    const known = page !== undefined && request.headers['if-none-match'] === etag;
    const status = page === undefined ? 404 : known ? 304 : (page.status ?? 200);
    requests.push(`${path} ${status}`);
    await page?.after;
    response.writeHead(status, {
      'content-type': page?.contentType ?? 'text/html; charset=utf-8',
      ...(status === 200 ? { etag } : {}),
      ...page?.headers,
    });
    response.end(known ? undefined : body);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    put: (path, page) => {
      if (page === null) pages.delete(path);
      else pages.set(path, typeof page === 'string' ? { body: page } : page);
    },
    requests: () => {
      const seen = requests;
      requests = [];
      return seen;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
