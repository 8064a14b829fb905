// Stands in for the server in component tests: answers by method and path, and remembers what was asked.
import { vi } from 'vitest';

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: unknown;
  readonly idempotencyKey: string | null;
}

/** By "GET /api/v1/…", without a query. Throws to have no network; a `Response` is sent as it is, all else as JSON. */
export type Answers = Readonly<Record<string, unknown | ((asked: Asked) => unknown)>>;

/** @returns what was asked, in order. What has no answer is not found. */
export function serve(answers: Answers): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    const method = init?.method ?? 'GET';
    const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
    const idempotencyKey = new Headers(init?.headers).get('idempotency-key');
    const request = { method, path: url.pathname + url.search, body, idempotencyKey };
    asked.push(request);
    const answer = answers[`${method} ${url.pathname}`];
    const result = typeof answer === 'function' ? await answer(request) : answer;
    if (result instanceof Response) return result;
    if (result === undefined) return refuse(404, 'not_found', 'There is nothing here.');
    return Response.json(result);
  });
  return asked;
}

export function refuse(status: number, code: string, message: string): Response {
  const error = { code, message, timestamp: '2026-11-21T12:00:00.000Z', requestId: 'request' };
  return Response.json({ error }, { status });
}
