// The realtime socket: how soon a commit is on another client's wire, how fast one event reaches everybody, and how soon
// everybody is back after the process was killed. Clients are in processes of their own.
import { type ChildProcess, fork } from 'node:child_process';
import { systemClock } from '@parley/server/core/clock';
import { loadConfig } from '@parley/server/core/config';
import { systemActor } from '@parley/server/core/context';
import { secretKeyWrapper } from '@parley/server/core/crypto';
import { defineEvent } from '@parley/server/core/events';
import { bind, Kernel } from '@parley/server/core/kernel';
import { createLogger } from '@parley/server/core/log';
import { Live, livePort } from '@parley/server/core/realtime/live';
import { readSecret } from '@parley/server/core/secret';
import { createKey } from '@parley/server/modules/tenancy/tenancy';
import { z } from 'zod';
import { type Installation, install } from './installation.ts';
import type { Postgres } from './postgres.ts';
import { freePort, root } from './processes.ts';
import type { ClientsOptions, Order, Report } from './realtime-clients-worker.ts';
import { type Figure, figure, median, quantile } from './result.ts';

const rounds = 5;
const clientsForFanOut = 1000;
const clientsForRecovery = 5000;
const commitsPerSecond = 20;
const latencyRoundMs = 3000;
/** Frames with one thing each, as few as never are left out, and frames with many events. */
const liveFrames = 300;
const eventsAtOnce = 2000;
const path = '/api/v1/realtime';

/** Read like a message of a conversation: only what the type says counts. */
const told = defineEvent({
  type: 'message.received',
  doc: 'The benchmark said something.',
  permission: 'conversations:read',
  payload: z.object({ number: z.number(), sentAt: z.number() }),
});

const nowMs = () => performance.timeOrigin + performance.now();

function startChild(script: string, environment: Record<string, string> = {}): Promise<ChildProcess> {
  const child = fork(script, [], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', NODE_NO_WARNINGS: '1', ...environment },
    serialization: 'advanced',
  });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)));
  });
}

interface Clients {
  order(order: Order): Promise<Report>;
  open(options: Partial<ClientsOptions> & { port: number; count: number }): Promise<Report>;
  kill(): void;
}

export async function startClients(): Promise<Clients> {
  const child = await startChild('bench/src/realtime-clients-worker.ts');
  const order = (what: Order) =>
    new Promise<Report>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the clients did not "${what.kind}" in two minutes`)),
        120_000,
      );
      child.once('message', (report) => {
        clearTimeout(timer);
        resolve(report as Report);
      });
      child.send(what);
    });
  return {
    order,
    open: (options) =>
      order({ kind: 'open', options: { path, keys: [], openingMax: 50, returns: false, ...options } }),
    kill: () => void child.kill(),
  };
}

/** A kernel of our own beside the api: commits, and says what is live. */
export async function openWriter(installation: Installation) {
  const config = loadConfig({ ...installation.environment, PARLEY_ROLE: 'worker' });
  const secret = await readSecret(config);
  const kernel = await Kernel.open({
    config,
    clock: systemClock,
    log: createLogger('error'),
    secret,
    wrappers: [secretKeyWrapper(secret)],
    ports: (opened) => [bind(livePort, new Live(opened))],
    // Nobody works on what is told.
    subscriptions: [],
  });
  const ctx = kernel.context({
    workspaceId: installation.workspaceId,
    actor: systemActor,
    requestId: 'bench',
  });
  let number = 0;
  return {
    keys: async (count: number) => {
      const keys: string[] = [];
      while (keys.length < count) {
        const made = await Promise.all(
          Array.from({ length: Math.min(50, count - keys.length) }, () =>
            createKey(ctx, { name: 'client', role: 'agent' }),
          ),
        );
        keys.push(...made.map(({ key }) => key));
      }
      return keys;
    },
    commit: (count = 1) =>
      ctx.transaction(async (tx) => {
        for (let index = 0; index < count; index += 1) {
          number += 1;
          tx.append(told, { number, sentAt: count === 1 ? nowMs() : 0 });
        }
      }),
    say: (count: number) => {
      const live = kernel.use(livePort);
      const conversationId = '01890000-0000-7000-8000-000000000000';
      for (let index = 0; index < count; index += 1) {
        live.publish(
          ctx.workspaceId,
          { kind: 'member_typing', conversationId, userId: String(index), active: true },
          'conversations:read',
        );
      }
    },
    /** The newest sequence, once everything that was committed has its own. */
    head: async () => {
      for (;;) {
        const waiting = await kernel.database.asSystem((queries) =>
          queries.sql('select 1 as one from events where sequence is null limit 1'),
        );
        if (waiting.length === 0) return kernel.events.head();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    close: () => kernel.close(),
  };
}

type Writer = Awaited<ReturnType<typeof openWriter>>;

async function latency(clients: Clients, writer: Writer): Promise<Report> {
  await clients.order({ kind: 'reset' });
  const commits = (commitsPerSecond * latencyRoundMs) / 1000;
  const started = performance.now();
  for (let index = 0; index < commits; index += 1) {
    const due = started + (index * 1000) / commitsPerSecond;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    await writer.commit();
  }
  return clients.order({ kind: 'await', through: await writer.head() });
}

const perSecond = ({ frames, firstAtMs, lastAtMs }: Report) => (1000 * frames) / (lastAtMs - firstAtMs);

/** The same frames by us and by a bare server: frames a second, each. */
async function fanOut(
  clients: Clients,
  bareClients: Clients,
  bare: ChildProcess,
  publish: () => Promise<{ frames?: number; through?: number }>,
): Promise<[number, number]> {
  await clients.order({ kind: 'reset' });
  const ours = await clients.order({ kind: 'await', ...(await publish()) });
  if (ours.wrong > 0) throw new Error(`${ours.wrong} events came in the wrong order`);
  await bareClients.order({ kind: 'reset' });
  bare.send(ours.texts);
  const theirs = await bareClients.order({ kind: 'await', frames: ours.texts.length });
  return [perSecond(ours), perSecond(theirs)];
}

async function recovery(installation: Installation, writer: Writer): Promise<Figure> {
  const seconds: number[] = [];
  let wrong = 0;
  const keys = await writer.keys(clientsForRecovery);
  const clients = await startClients();
  let api = await installation.start('api');
  try {
    await clients.open({ port: installation.port, keys, count: keys.length, returns: true });
    for (let round = 0; round < 3; round += 1) {
      await writer.commit();
      await clients.order({ kind: 'await', through: await writer.head() });
      await clients.order({ kind: 'reset' });
      const killed = performance.now();
      await api.kill('SIGKILL');
      const starting = installation.start('api');
      // One after the other: their numbers are to rise like their sequences.
      for (let count = 0; count < 100; count += 1) await writer.commit();
      api = await starting;
      const report = await clients.order({ kind: 'await', through: await writer.head() });
      seconds.push((performance.now() - killed) / 1000);
      wrong += report.wrong;
    }
  } finally {
    clients.kill();
    await api.kill('SIGKILL');
  }
  return figure(
    'realtime-recovery',
    's',
    `until ${clientsForRecovery} clients had read everything after the api was killed; ${wrong} events missed or doubled; goal ≤ 10 and 0`,
    seconds,
  );
}

export async function realtime(postgres: Postgres, names: ReadonlySet<string>): Promise<Figure[]> {
  const figures: Figure[] = [];
  const databaseUrl = await postgres.database('bench_realtime');
  // Nobody is called: there, nobody listens.
  const installation = await install(databaseUrl, 'http://127.0.0.1:9');
  const writer = await openWriter(installation);
  try {
    if (names.has('realtime-latency') || names.has('realtime-fanout')) {
      const api = await installation.start('api');
      const barePort = await freePort();
      const bare = await startChild('bench/src/realtime-bare-server.ts', { PORT: String(barePort) });
      const [clients, bareClients] = [await startClients(), await startClients()];
      try {
        const keys = await writer.keys(clientsForFanOut);
        await clients.open({ port: installation.port, keys, count: clientsForFanOut });
        if (names.has('realtime-latency')) {
          await latency(clients, writer);
          const p99: number[] = [];
          const p50: number[] = [];
          for (let round = 0; round < rounds; round += 1) {
            const { latenciesMs } = await latency(clients, writer);
            p99.push(quantile(latenciesMs, 0.99));
            p50.push(median(latenciesMs));
          }
          const against = `p99 from commit to the wire of ${clientsForFanOut} clients, ${commitsPerSecond} commits a second (p50 ${median(p50).toFixed(0)}); goal ≤ 100`;
          figures.push(figure('realtime-latency', 'ms', against, p99));
        }
        if (names.has('realtime-fanout')) {
          await bareClients.open({ port: barePort, path: '/', count: clientsForFanOut });
          const kinds = [
            [
              'realtime-fanout',
              'one thing a frame',
              async () => {
                writer.say(liveFrames);
                return { frames: liveFrames };
              },
            ],
            [
              'realtime-fanout-events',
              `${eventsAtOnce} events at once`,
              async () => {
                await writer.commit(eventsAtOnce);
                return { through: await writer.head() };
              },
            ],
          ] as const;
          for (const [name, what, publish] of kinds) {
            await fanOut(clients, bareClients, bare, publish);
            const ours: number[] = [];
            const bares: number[] = [];
            for (let round = 0; round < rounds; round += 1) {
              const [our, their] = await fanOut(clients, bareClients, bare, publish);
              ours.push(our);
              bares.push(their);
            }
            const against = `a bare ws server with the same frames (${what}) to ${clientsForFanOut} clients; goal ≥ 0.8`;
            figures.push(figure(name, 'frames/s', against, ours, bares));
          }
        }
      } finally {
        clients.kill();
        bareClients.kill();
        bare.kill();
        await api.kill('SIGKILL');
      }
    }
    if (names.has('realtime-recovery')) figures.push(await recovery(installation, writer));
  } finally {
    await writer.close();
    installation.close();
  }
  return figures;
}
