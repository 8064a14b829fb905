// A Parley to measure: a database of its own, a workspace with one simulated number, and the processes in their roles.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HealthReport } from '@parley/contract/health';
import { createApp } from '@parley/server/app';
import { loadConfig } from '@parley/server/core/config';
import { systemActor } from '@parley/server/core/context';
import { createLogger } from '@parley/server/core/log';
import { createKey, createWorkspace } from '@parley/server/modules/tenancy/tenancy';
import { freePort, type Running, startScript } from './processes.ts';

export const accountSid = `AC${'b'.repeat(32)}`;
export const authToken = 'a token that only the benchmark has';
export const ourNumber = '+15559990000';

export interface Installation {
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  readonly publicUrl: string;
  readonly workspaceId: string;
  /** Starts a process in a role; an `api` listens where webhooks go unless another port is given. */
  start(role: 'all' | 'api' | 'worker', port?: number): Promise<Running>;
  /** Calls the API with an admin's key. */
  call<Body>(method: string, path: string, body?: unknown): Promise<Body>;
  /** Changes the assistant's settings and leaves the others. */
  setAssistant(change: Readonly<Record<string, unknown>>): Promise<void>;
  health(): Promise<HealthReport>;
  /** Resolves when no job waits; after two minutes in any case. */
  rest(): Promise<void>;
  /** Connects the number; an `api` or `all` process must run. */
  connectNumber(): Promise<void>;
  close(): void;
}

/**
 * @param at the port by which the installation is reached, where something stands before it.
 * @param publicUrl under which the provider knows it; the address of this machine when absent.
 */
export async function install(
  databaseUrl: string | undefined,
  simulatorUrl: string,
  { at, publicUrl }: { at?: number; publicUrl?: string } = {},
): Promise<Installation> {
  const data = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const port = at ?? (await freePort());
  const localUrl = `http://127.0.0.1:${port}`;
  const environment = {
    PARLEY_DATA: data,
    PARLEY_SECRET: 'a secret that only the benchmark has, and nobody else',
    PARLEY_DEMO: 'false',
    PARLEY_OWNER_PASSWORD: 'only for the benchmark',
    HOST: '127.0.0.1',
    PUBLIC_URL: publicUrl ?? localUrl,
    TWILIO_API_URL: simulatorUrl,
    EGRESS_ALLOW_HOSTS: new URL(simulatorUrl).host,
    LOG_LEVEL: 'error',
    RATE_LIMIT_PER_MINUTE: '100000000',
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  };
  const app = await createApp({ config: loadConfig(environment), log: createLogger('error') });
  const workspaceId = await createWorkspace(app.kernel, {
    name: 'Bench',
    defaultCountry: 'US',
    ownerId: null,
  });
  const ctx = app.kernel.context({ workspaceId, actor: systemActor, requestId: 'bench' });
  const { key } = await createKey(ctx, { name: 'bench', role: 'admin' });
  await app.stop();

  const call = async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const response = await fetch(`${localUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as Body;
  };
  const health = async () => (await fetch(`${localUrl}/health`)).json() as Promise<HealthReport>;
  return {
    environment,
    port,
    publicUrl: publicUrl ?? localUrl,
    workspaceId,
    call,
    start: async (role, at) => {
      const own = at ?? (role === 'worker' ? await freePort() : port);
      return startScript(
        'server/src/main.ts',
        [`--role=${role}`, '--no-supervise'],
        { ...environment, PORT: String(own) },
        `http://127.0.0.1:${own}`,
        '/readyz',
      );
    },
    connectNumber: async () => {
      await call('POST', '/api/v1/channels', {
        provider: 'twilio',
        name: 'Bench',
        address: ourNumber,
        credentials: { accountSid, authToken },
      });
    },
    setAssistant: async (change) => {
      const { updatedAt: _, ...present } = await call<Record<string, unknown>>('GET', '/api/v1/assistant');
      await call('PUT', '/api/v1/assistant', { ...present, ...change });
    },
    health,
    rest: async () => {
      const deadline = Date.now() + 120_000;
      while (Date.now() < deadline) {
        const { checks } = await health();
        if (/^0 waiting/.test(checks.queue?.detail ?? '')) return;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
    close: () => rmSync(data, { recursive: true, force: true }),
  };
}
