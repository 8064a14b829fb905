import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  ApiError,
  type ApiPath,
  api,
  chooseWorkspace,
  NetworkError,
  newIdempotencyKey,
  onSignedOut,
} from './api.ts';

const realFetch = globalThis.fetch;
let lastInit: RequestInit | undefined;
let server: Server;
let asked: IncomingMessage;
let reply = { status: 200, headers: {} as Record<string, string>, body: '{}' };

beforeAll(async () => {
  server = createServer((request, response) => {
    asked = request;
    response
      .writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
      .end(reply.body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  // A page's own address is what a relative one stands on.
  globalThis.fetch = (path, init) => {
    lastInit = init;
    return realFetch(`http://127.0.0.1:${port}${path}`, init);
  };
});
afterAll(async () => {
  globalThis.fetch = realFetch;
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});
beforeEach(() => {
  reply = { status: 200, headers: {}, body: '{}' };
});

const path: ApiPath = '/api/v1/things';

test('a refusal is an ApiError with the code, the sentence, the details and the request of the envelope', async () => {
  const error = {
    code: 'sms.validation_error',
    message: 'The request is not valid.',
    details: [{ path: 'body.name', message: 'is missing' }],
    timestamp: '2026-11-21T00:00:00Z',
    requestId: 'request-1',
  };
  reply = { status: 400, headers: { 'retry-after': '2' }, body: JSON.stringify({ error }) };
  const failed: unknown = await api.post(path, {}).catch((reason: unknown) => reason);
  expect(failed).toBeInstanceOf(ApiError);
  expect(failed).toMatchObject({
    code: error.code,
    message: error.message,
    details: error.details,
    requestId: 'request-1',
    status: 400,
    retryAfterMs: 2000,
  });
});

test('a proxy that speaks for a server that is away is no network', async () => {
  reply = { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' };
  await expect(api.get(path)).rejects.toBeInstanceOf(NetworkError);
});

test('a 401 tells the app that nobody is signed in', async () => {
  const told = vi.fn();
  const stop = onSignedOut(told);
  reply = { status: 401, headers: {}, body: '{"code":"INVALID","message":"Invalid"}' };
  await expect(api.get(path)).rejects.toMatchObject({ code: 'INVALID', status: 401 });
  expect(told).toHaveBeenCalledTimes(1);
  stop();
});

test('workspace, idempotency key and query travel; what is undefined does not', async () => {
  chooseWorkspace('workspace-1');
  await api.post(
    path,
    { a: 1 },
    { idempotencyKey: 'key-1', query: { limit: 5, cursor: undefined, q: null } },
  );
  expect(asked.url).toBe('/api/v1/things?limit=5');
  expect(asked.headers).toMatchObject({
    'x-workspace-id': 'workspace-1',
    'idempotency-key': 'key-1',
    'content-type': 'application/json',
  });
  chooseWorkspace(null);
  await api.get(path);
  expect(asked.headers['x-workspace-id']).toBeUndefined();
});

test('a small change outlives the page that asked for it; what is read, or too large for that, does not', async () => {
  const outlives = async (call: Promise<unknown>) => {
    await call;
    return lastInit?.keepalive;
  };
  expect(await outlives(api.put(path, { owner: { kind: 'member' } }))).toBe(true);
  expect(await outlives(api.delete(path))).toBe(true);
  expect(await outlives(api.get(path))).toBe(false);
  expect(await outlives(api.post(path, { body: 'x'.repeat(70_000) }))).toBe(false);
  expect(await outlives(api.post(path, new FormData()))).toBe(false);
});

test('an answer without a body is null', async () => {
  reply = { status: 204, headers: {}, body: '' };
  expect(await api.delete(path)).toBeNull();
});

test('who gives up hears their own reason, not that the network is away', async () => {
  const reason = new Error('changed my mind');
  await expect(api.get(path, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('no two idempotency keys are the same', () => {
  expect(new Set(Array.from({ length: 100 }, newIdempotencyKey)).size).toBe(100);
});
