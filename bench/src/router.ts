// The router's own time: a scripted upstream on loopback called directly, through Parley, and through another gateway, one
// after the other in every round, so that all of them meet the same machine.
import { createApp } from '@parley/server/app';
import { loadConfig } from '@parley/server/core/config';
import { systemActor } from '@parley/server/core/context';
import { createLogger } from '@parley/server/core/log';
import { complete } from '@parley/server/modules/inference/completions';
import { request } from 'undici';
import { install } from './installation.ts';
import type { Postgres } from './postgres.ts';
import { freePort, type Running, startScript } from './processes.ts';
import { type Figure, figure, median, quantile } from './result.ts';
import { agent, call, flood, messages, type Target } from './router-calls.ts';

const rounds = 5;
const callsPerRound = 400;
const floodMs = 3000;
const floodConnections = 32;
const streams = 128;
async function timesOf(work: () => Promise<unknown>, count = callsPerRound): Promise<number[]> {
  const times: number[] = [];
  for (let done = 0; done < count; done += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times;
}

export async function router(postgres: Postgres): Promise<Figure[]> {
  const [upstreamPort, gatewayPort] = [await freePort(), await freePort()];
  const upstreamUrl = `http://127.0.0.1:${upstreamPort}`;
  const upstream = await startScript(
    'bench/src/router-upstream-server.ts',
    [],
    { PORT: String(upstreamPort) },
    upstreamUrl,
  );
  const installation = await install(await postgres.database('bench_router'), upstreamUrl);
  const api = await installation.start('api');
  const gateway = await startGateway(gatewayPort, upstreamUrl);
  const app = await createApp({
    config: loadConfig({ ...installation.environment, PARLEY_ROLE: 'api' }),
    log: createLogger('error'),
  });
  try {
    const model = (name: string, path: string) => ({
      name,
      model: 'scripted',
      baseUrl: `${upstreamUrl}${path}/v1`,
      apiKey: 'sk',
    });
    await installation.call('POST', '/api/v1/models', model('Steady', ''));
    await installation.call('POST', '/api/v1/models', model('Flaky', '/flaky'));
    const { key } = await installation.call<{ key: string }>('POST', '/api/v1/api-keys', {
      name: 'router',
      role: 'agent',
    });
    const parleyUrl = `http://127.0.0.1:${installation.port}`;
    const authorization = `Bearer ${key}`;
    const direct: Target = { url: upstreamUrl, headers: { authorization: 'Bearer sk' }, model: 'scripted' };
    const parley: Target = { url: parleyUrl, headers: { authorization }, model: 'Steady' };
    const other: Target = {
      url: gateway.url,
      headers: {
        authorization: 'Bearer sk',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `${upstreamUrl}/v1`,
      },
      model: 'scripted',
    };
    const ctx = app.kernel.context({
      workspaceId: installation.workspaceId,
      actor: systemActor,
      requestId: 'bench',
    });
    const list = async () => {
      const answer = await request(`${parleyUrl}/v1/models`, {
        headers: { authorization },
        dispatcher: agent,
      });
      await answer.body.text();
    };
    const never = new AbortController().signal;
    const inside = () => complete(ctx, { model: 'Steady', messages: messages as never }, never);
    for (const target of [direct, parley, other]) await timesOf(() => call(target));
    await timesOf(inside);
    await timesOf(list);

    const measured = { direct: [], parley: [], other: [], inside: [], list: [] } as Record<
      string,
      number[][]
    >;
    const fallback: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      measured.direct?.push(await timesOf(() => call(direct)));
      measured.parley?.push(await timesOf(() => call(parley)));
      measured.other?.push(await timesOf(() => call(other)));
      measured.inside?.push(await timesOf(inside));
      measured.list?.push(await timesOf(list));
      const pairs = await timesOf(() => call({ ...parley, model: 'Flaky' }), 100);
      // Every second one is refused and answered by the other model.
      fallback.push(quantile(pairs, 0.99));
    }
    const over = (name: string, share: number) =>
      (measured[name] ?? []).map(
        (times, round) => quantile(times, share) - quantile(measured.direct?.[round] ?? [], share),
      );
    const throughput = await timed(async () => {
      const until = performance.now() + floodMs;
      return (await flood(parley, floodConnections, () => performance.now() < until)) / (floodMs / 1000);
    });
    const { longestMs, finished } = await manyStreams(parley);
    return [
      figure(
        'router-inside-p50',
        'ms',
        'over a direct call, without HTTP of ours; goal ≤ 0.5',
        over('inside', 0.5),
      ),
      figure(
        'router-inside-p99',
        'ms',
        'over a direct call, without HTTP of ours; goal ≤ 2',
        over('inside', 0.99),
      ),
      figure(
        'router-p50',
        'ms',
        '@portkey-ai/gateway; goal ≤ 0.5 ms and ≤ 0.25 ×',
        over('parley', 0.5),
        over('other', 0.5),
      ),
      figure(
        'router-p99',
        'ms',
        '@portkey-ai/gateway; goal ≤ 2 ms',
        over('parley', 0.99),
        over('other', 0.99),
      ),
      figure(
        'router-http-p50',
        'ms',
        'HTTP of ours and the look-up of the key alone (GET /v1/models)',
        (measured.list ?? []).map(median),
      ),
      figure(
        'router-fallback-p99',
        'ms',
        'a call whose first model refuses, as a whole; goal ≤ 50',
        fallback,
      ),
      figure('router-throughput', 'per s', `${floodConnections} at once; goal ≥ 900`, throughput),
      figure('router-streams', 'ms', `the longest pause in any of ${finished} streams at once, 25 ms apart`, [
        longestMs,
      ]),
    ];
  } finally {
    await app.stop();
    await Promise.all([api.kill(), gateway.kill(), upstream.kill()]);
    await agent.close();
    installation.close();
  }
}

function startGateway(port: number, upstreamUrl: string): Promise<Running> {
  return startScript(
    'node_modules/@portkey-ai/gateway/build/start-server.js',
    [`--port=${port}`, '--headless'],
    { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: new URL(upstreamUrl).hostname },
    `http://127.0.0.1:${port}`,
    '/',
  );
}

async function timed(work: () => Promise<number>): Promise<number[]> {
  const figures: number[] = [];
  for (let round = 0; round < 3; round += 1) figures.push(await work());
  return figures;
}

async function manyStreams({
  url,
  headers,
  model,
}: Target): Promise<{ longestMs: number; finished: number }> {
  const pauses: number[] = [];
  let finished = 0;
  await Promise.all(
    Array.from({ length: streams }, async () => {
      const answer = await request(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ model, messages, stream: true }),
        dispatcher: agent,
      });
      let last = performance.now();
      let tail = '';
      for await (const chunk of answer.body) {
        pauses.push(performance.now() - last);
        last = performance.now();
        tail = String(chunk);
      }
      if (tail.includes('[DONE]')) finished += 1;
    }),
  );
  if (finished !== streams) throw new Error(`only ${finished} of ${streams} streams came to their end`);
  console.error(`streams: a pause is ${median(pauses).toFixed(1)} ms at the median`);
  return { longestMs: Math.max(...pauses), finished };
}
