// A whole Parley for a test: real database, real HTTP, one process, no sleeps.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Role } from '@parley/contract/tenancy';
import { type App, createApp } from '../src/app.ts';
import { type Clock, systemClock } from '../src/core/clock.ts';
import { type Config, loadConfig } from '../src/core/config.ts';
import { type Context, systemActor } from '../src/core/context.ts';
import { type StoredEvent, sequenceEvents } from '../src/core/events.ts';
import type { Kernel } from '../src/core/kernel.ts';
import { createLogger } from '../src/core/log.ts';
import type { Module } from '../src/core/module.ts';
import type { PhoneLine } from '../src/modules/phone/phone.ts';
import { createKey, createWorkspace } from '../src/modules/tenancy/tenancy.ts';
import { copyTemplate, testRedisUrl } from './database.ts';

/** How long a test waits for what it was promised before it says so. */
const patienceMs = 30_000;

export interface ApiResponse<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface ApiClient {
  get<Body = never>(path: string, headers?: Record<string, string>): Promise<ApiResponse<Body>>;
  post<Body = never>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<ApiResponse<Body>>;
  put<Body = never>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<ApiResponse<Body>>;
  patch<Body = never>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<ApiResponse<Body>>;
  delete<Body = never>(path: string, headers?: Record<string, string>): Promise<ApiResponse<Body>>;
  /** The headers that it sends to say who it is. */
  authorization(): Promise<Record<string, string>>;
}

export interface TestWorkspace {
  readonly id: string;
  readonly ctx: Context;
  /** Calls the API with a key of that role; the key is made at first use. */
  as(role: Role): ApiClient;
}

export interface TestApp {
  readonly app: App;
  readonly kernel: Kernel;
  readonly url: string;
  /** For a second app or another process on the same data; undefined when embedded. */
  readonly databaseUrl: string | undefined;
  /** Every line that was logged, as it was written. */
  readonly logged: string[];
  /** Calls the API as nobody. */
  readonly anonymous: ApiClient;
  workspace(options?: { name?: string; defaultCountry?: string | null }): Promise<TestWorkspace>;
  /** Resolves with the first event from now or before that fits. */
  event(type: string, fits?: (event: StoredEvent) => boolean): Promise<StoredEvent>;
  /** Resolves when no job waits that could run now, and none runs, and every event has its number. */
  settled(): Promise<void>;
  /** Polls a condition that no event tells of. */
  until<T>(what: string, probe: () => Promise<T | undefined | null | false>): Promise<T>;
  close(): Promise<void>;
}

export interface TestAppOptions {
  readonly clock?: Clock;
  readonly environment?: Record<string, string>;
  /** Shares a database with another test app (PostgreSQL only). */
  readonly databaseUrl?: string;
  /** The handsets of a simulated carrier. */
  readonly phoneLine?: PhoneLine;
  /** Routes, jobs, events of the test's own. */
  readonly modules?: readonly Module[];
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

export function apiClient(base: string, headers: () => Promise<Record<string, string>>): ApiClient {
  const call = async (method: string, path: string, body: unknown, extra: Record<string, string> = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(await headers()),
        ...extra,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  return {
    get: (path, extra) => call('GET', path, undefined, extra),
    post: (path, body, extra) => call('POST', path, body, extra),
    put: (path, body, extra) => call('PUT', path, body, extra),
    patch: (path, body, extra) => call('PATCH', path, body, extra),
    delete: (path, extra) => call('DELETE', path, undefined, extra),
    authorization: headers,
  };
}

export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const logged: string[] = [];
  const log = createLogger(process.env.TEST_LOG_LEVEL ?? 'debug', {
    write: (line) => {
      logged.push(line);
      if (process.env.TEST_LOG_LEVEL) process.stderr.write(line);
    },
  });
  const data = await mkdtemp(join(tmpdir(), 'parley-test-'));
  const copy = options.databaseUrl
    ? null
    : await copyTemplate((error) => log.error({ err: error }, 'database'));
  const port = await freePort();
  const databaseUrl = options.databaseUrl ?? copy?.url;
  const config: Config = loadConfig({
    PARLEY_DATA: data,
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    PARLEY_SECRET: 'a secret that only the tests have, and no one else',
    PARLEY_DEMO: 'false',
    RATE_LIMIT_PER_MINUTE: '1000000',
    METRICS_TOKEN: 'a token for the metrics of tests',
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    ...(testRedisUrl ? { REDIS_URL: testRedisUrl } : {}),
    ...options.environment,
  });
  const database = copy ? await copy.open() : undefined;
  const app = await createApp({
    config,
    log,
    clock: options.clock ?? systemClock,
    ...(database ? { database } : {}),
    ...(options.phoneLine ? { phoneLine: options.phoneLine } : {}),
    ...(options.modules ? { extraModules: options.modules } : {}),
  });
  await app.start();
  const { kernel } = app;
  const url = `http://127.0.0.1:${port}`;

  const until: TestApp['until'] = async (what, probe) => {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = await probe();
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };

  return {
    app,
    kernel,
    url,
    databaseUrl,
    logged,
    until,
    anonymous: apiClient(url, async () => ({})),
    workspace: async ({ name = 'Test', defaultCountry = 'US' } = {}) => {
      const id = await createWorkspace(kernel, { name, defaultCountry, ownerId: null });
      const ctx = kernel.context({ workspaceId: id, actor: systemActor, requestId: 'test' });
      const keys = new Map<Role, Promise<string>>();
      const keyOf = (role: Role) => {
        const key =
          keys.get(role) ?? createKey(ctx, { name: `test ${role}`, role }).then((created) => created.key);
        keys.set(role, key);
        return key;
      };
      return {
        id,
        ctx,
        as: (role) => apiClient(url, async () => ({ authorization: `Bearer ${await keyOf(role)}` })),
      };
    },
    event: async (type, fits = () => true) => {
      const signal = AbortSignal.timeout(patienceMs);
      for await (const event of kernel.events.follow(null, 0, signal)) {
        if (event.type === type && fits(event)) return event;
      }
      throw new Error(`waited ${patienceMs} ms in vain for the event ${type}`);
    },
    settled: async () => {
      await until('the queue to be empty', async () => {
        const figures = await kernel.queue.figures();
        return figures.every((queue) => queue.active === 0 && queue.runnable === 0);
      });
      while ((await sequenceEvents(kernel.database)) > 0);
    },
    close: async () => {
      await app.stop();
      await copy?.drop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
