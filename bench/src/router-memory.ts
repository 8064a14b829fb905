// Whether the router's process stays as large as it was, however many requests it has answered.
import { install } from './installation.ts';
import type { Postgres } from './postgres.ts';
import { freePort, residentMegabytes, startScript } from './processes.ts';
import { type Figure, figure } from './result.ts';
import { agent, flood } from './router-calls.ts';

const requests = 100_000;
/** By then the compiler and the caches have had all that they ever want. */
const warmAfter = 20_000;
const step = 10_000;
const connections = 32;

export async function routerMemory(postgres: Postgres): Promise<Figure[]> {
  const upstreamPort = await freePort();
  const upstreamUrl = `http://127.0.0.1:${upstreamPort}`;
  const upstream = await startScript(
    'bench/src/router-upstream-server.ts',
    [],
    { PORT: String(upstreamPort) },
    upstreamUrl,
  );
  const installation = await install(await postgres.database('bench_router_memory'), upstreamUrl);
  const api = await installation.start('api');
  try {
    await installation.call('POST', '/api/v1/models', {
      name: 'Steady',
      model: 'scripted',
      baseUrl: `${upstreamUrl}/v1`,
      apiKey: 'sk',
    });
    const { key } = await installation.call<{ key: string }>('POST', '/api/v1/api-keys', {
      name: 'router',
      role: 'agent',
    });
    const target = {
      url: `http://127.0.0.1:${installation.port}`,
      headers: { authorization: `Bearer ${key}` },
      model: 'Steady',
    };
    const sizes: number[] = [];
    for (let done = 0; done < requests; done += step) {
      let left = step;
      await flood(target, connections, () => left-- > 0);
      if (done + step >= warmAfter) sizes.push(residentMegabytes(api.pid));
    }
    console.error(`router-memory: ${sizes.map((size) => size.toFixed(0)).join(', ')} MB`);
    const warm = sizes[0] ?? 0;
    return [
      figure(
        'router-memory',
        'MB',
        `the api process after each ${step} of ${requests} requests, but for the first; ${warm.toFixed(0)} after ${warmAfter}`,
        sizes,
      ),
    ];
  } finally {
    await Promise.all([api.kill(), upstream.kill()]);
    await agent.close();
    installation.close();
  }
}
