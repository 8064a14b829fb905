// How fast a signed webhook becomes a durable 200: against a bare server, at half of the peak, and beyond the peak.

import { createTwilioSimulator } from '@parley/server/providers/twilio/simulator';
import pg from 'pg';
import { accountSid, authToken, type Installation, install, ourNumber } from './installation.ts';
import { type Answer, closedLoop, openLoop } from './load.ts';
import type { Postgres } from './postgres.ts';
import { freePort, startScript } from './processes.ts';
import { type Figure, figure, median, quantile } from './result.ts';
import { type PreparedWebhook, prepareText } from './webhooks.ts';

const rounds = 5;
const warmUps = 3;
const roundMs = 3000;
const connections = 50;
const prepared = 30_000;

function feed(webhooks: readonly PreparedWebhook[]) {
  let index = 0;
  return () => {
    const webhook = webhooks[index];
    if (!webhook) return null;
    index += 1;
    return { index: index - 1, bytes: webhook.bytes };
  };
}

/** As a provider knows an installation that is in use: by a name, behind something that ends TLS. */
const publicUrl = 'https://parley.example';

function prepare(port: number): PreparedWebhook[] {
  return Array.from({ length: prepared }, (_, index) =>
    prepareText(
      { port, publicUrl },
      `+1212555${String(index % 10_000).padStart(4, '0')}`,
      'Are you open on Sunday?',
    ),
  );
}

async function peak(port: number, path?: string): Promise<number> {
  const webhooks = prepare(port).map((webhook) =>
    path
      ? {
          ...webhook,
          bytes: Buffer.from(webhook.bytes.toString('latin1').replace('/webhook/twilio/sms', path), 'latin1'),
        }
      : webhook,
  );
  let answered = 0;
  const { seconds } = await closedLoop({
    port,
    connections,
    next: feed(webhooks),
    durationMs: roundMs,
    onAnswer: ({ status }) => {
      if (status !== 200) throw new Error(`a webhook was answered ${status}`);
      answered += 1;
    },
  });
  return answered / seconds;
}

/** Jobs that nobody works off here would slow the next round. */
async function emptyQueue(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('truncate deliveries cascade');
  await client.query("delete from pgboss.job where state = 'created'");
  await client.query('vacuum analyze pgboss.job');
  await client.query('checkpoint');
  await client.end();
}

/** Deliveries in the journal among those that were acknowledged. */
async function journaled(databaseUrl: string, messageSids: readonly string[]): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(
    'select count(*)::int as count from deliveries where delivery_key = any($1)',
    [messageSids],
  );
  await client.end();
  return rows[0].count;
}

async function latency(installation: Installation, perSecond: number): Promise<number> {
  const milliseconds: number[] = [];
  const onAnswer = (answer: Answer) => milliseconds.push(answer.milliseconds);
  await openLoop({
    port: installation.port,
    connections: 200,
    next: feed(prepare(installation.port)),
    onAnswer,
    durationMs: roundMs,
    perSecond,
  });
  return quantile(milliseconds, 0.99);
}

interface Overload {
  acknowledged: number;
  shed: number;
  other: number;
  lost: number;
}

async function overload(
  installation: Installation,
  databaseUrl: string,
  perSecond: number,
): Promise<Overload> {
  const webhooks = prepare(installation.port);
  const acknowledged: string[] = [];
  let shed = 0;
  let other = 0;
  await openLoop({
    port: installation.port,
    connections: 3000,
    next: feed(webhooks),
    durationMs: roundMs,
    perSecond,
    onAnswer: ({ index, status }) => {
      if (status === 200) acknowledged.push(webhooks[index]?.messageSid ?? '');
      else if (status === 503) shed += 1;
      else other += 1;
    },
  });
  const lost = acknowledged.length - (await journaled(databaseUrl, acknowledged));
  return { acknowledged: acknowledged.length, shed, other, lost };
}

export async function ingest(postgres: Postgres, names: ReadonlySet<string>): Promise<Figure[]> {
  const simulator = createTwilioSimulator({
    accounts: [{ sid: accountSid, authToken, numbers: [{ phoneNumber: ourNumber }] }],
  });
  const databaseUrl = await postgres.database('bench_ingest');
  const installation = await install(databaseUrl, await simulator.listen(), { publicUrl });
  const api = await installation.start('api');
  const barePort = await freePort();
  const bareDatabase = await postgres.database('bench_bare');
  const bare = await startScript(
    'bench/src/bare-server.ts',
    [],
    { DATABASE_URL: bareDatabase, PORT: String(barePort) },
    `http://127.0.0.1:${barePort}`,
  );
  const figures: Figure[] = [];
  try {
    await installation.connectNumber();
    // Both reach their stride only after some ten thousand calls.
    for (let round = 0; round < warmUps; round += 1) {
      await peak(barePort, '/webhook');
      await peak(installation.port);
    }
    const ours: number[] = [];
    const bares: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await emptyQueue(databaseUrl);
      bares.push(await peak(barePort, '/webhook'));
      ours.push(await peak(installation.port));
    }
    if (names.has('ingest')) {
      figures.push(
        figure(
          'ingest',
          'req/s',
          `a bare Fastify with one plain insert (${Math.round(median(bares))} req/s); goal ≥ 1.3`,
          ours,
          bares,
        ),
      );
    }
    const top = median(ours);
    if (names.has('ingest-latency')) {
      const p99: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        await emptyQueue(databaseUrl);
        p99.push(await latency(installation, top / 2));
      }
      figures.push(
        figure(
          'ingest-latency',
          'ms',
          `p99 at half of the peak (${Math.round(top / 2)} req/s); goal ≤ 100`,
          p99,
        ),
      );
    }
    if (names.has('ingest-overload')) {
      const lost: number[] = [];
      const shed: number[] = [];
      let others = 0;
      for (let round = 0; round < rounds; round += 1) {
        await emptyQueue(databaseUrl);
        const result = await overload(installation, databaseUrl, top * 1.2);
        lost.push(result.lost);
        shed.push((100 * result.shed) / (result.shed + result.acknowledged + result.other));
        others += result.other;
      }
      figures.push(
        figure(
          'ingest-overload',
          'lost',
          `acknowledged and lost at 120 % of the peak; ${median(shed).toFixed(1)} % were shed with 503, ${others} answered otherwise; goal 0`,
          lost,
        ),
      );
    }
  } finally {
    await Promise.all([api.kill(), bare.kill()]);
    await simulator.close();
    installation.close();
  }
  return figures;
}
