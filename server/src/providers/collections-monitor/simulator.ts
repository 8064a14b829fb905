// A Collections Monitor in the box: the two calls of setup.md, its tenants as given, and its failures on request.
import Fastify from 'fastify';
import { z } from 'zod';

export interface SimulatedTenant {
  readonly id: string;
  readonly name?: string;
  /** As this directory happens to have written it: looked up by exact spelling. */
  readonly phone: string;
}

export type DirectoryFault = 'http_500' | 'http_503' | 'hang' | 'reset' | 'nonsense';

export interface CollectionsMonitorSimulator {
  readonly url: string;
  /** The spellings that were asked for, in order. */
  readonly asked: readonly string[];
  /** Fails the next calls. */
  fail(fault: DirectoryFault, times: number): void;
  add(tenant: SimulatedTenant): void;
  close(): Promise<void>;
}

const query = z.object({ phone: z.string() });

export async function startCollectionsMonitorSimulator(options: {
  readonly tenants?: readonly SimulatedTenant[];
  readonly token?: string;
}): Promise<CollectionsMonitorSimulator> {
  const tenants = [...(options.tenants ?? [])];
  const asked: string[] = [];
  const faults: DirectoryFault[] = [];
  const app = Fastify({ logger: false, forceCloseConnections: true });

  app.addHook('onRequest', async (request, reply) => {
    const fault = faults.shift();
    if (fault === 'hang') await new Promise(() => undefined);
    if (fault === 'reset') {
      request.raw.destroy();
      return reply.hijack();
    }
    if (fault === 'nonsense') return reply.type('text/html').send('<h1>It works!</h1>');
    if (fault) return reply.code(Number(fault.slice(-3))).send({ error: 'on request' });
    if (options.token && request.headers.authorization !== `Bearer ${options.token}`) {
      return reply.code(401).send({ error: 'unauthenticated' });
    }
  });
  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/tenants', async (request) => {
    const { phone } = query.parse(request.query);
    asked.push(phone);
    return {
      tenants: tenants
        .filter((tenant) => tenant.phone === phone)
        .map(({ id, name }) => ({ id, name: name ?? null })),
    };
  });

  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    asked,
    fail: (fault, times) => {
      for (let count = 0; count < times; count += 1) faults.push(fault);
    },
    add: (tenant) => {
      tenants.push(tenant);
    },
    close: () => app.close(),
  };
}
