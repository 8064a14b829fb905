// `npm run chaos -- --seed S --kills N [--embedded]`: real processes, real kills. Traffic with duplicates, reordering and
// delays goes through while api, worker and database are killed at random moments; then the books are compared.
import { parseArgs } from 'node:util';
import { createApp } from '@parley/server/app';
import { loadConfig } from '@parley/server/core/config';
import { createLogger } from '@parley/server/core/log';
import { createTwilioSimulator } from '@parley/server/providers/twilio/simulator';
import { type Balancer, startBalancer } from './chaos-balancer.ts';
import {
  type Evidence,
  evidenceQueries,
  isClean,
  judge,
  printVerdict,
  type Verdict,
} from './chaos-verdict.ts';
import { accountSid, authToken, type Installation, install, ourNumber } from './installation.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { freePort, type Running } from './processes.ts';
import { seededRandom } from './random.ts';
import { contactNumber } from './webhooks.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '20' },
    embedded: { type: 'boolean', default: false },
    'texts-per-second': { type: 'string', default: '15' },
  },
});
const seed = Number(values.seed);
const kills = Number(values.kills);
const perSecond = Number(values['texts-per-second']);
const random = seededRandom(seed);
const between = (least: number, most: number) => least + random() * (most - least);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How long the system may take to come to rest after the last kill. */
const settleMs = 180_000;
/** How long a process may need to come up while the database restarts. */
const startMsMax = 90_000;

interface Slot {
  readonly role: 'all' | 'api' | 'worker';
  readonly port: number;
  process: Running | null;
}

const publicPort = await freePort();
let onAccepted: (() => void) | undefined;
const simulator = createTwilioSimulator({
  accounts: [
    {
      sid: accountSid,
      authToken,
      numbers: [{ phoneNumber: ourNumber, smsUrl: `http://127.0.0.1:${publicPort}/webhook/twilio/sms` }],
    },
  ],
  statusCallbacks: { delaysMs: [5, 20, 60] },
  webhookRetries: { count: 8, on: 'all' },
  onExchange: ({ method, url, status }) => {
    if (method === 'POST' && status === 201 && url.includes('/Messages')) onAccepted?.();
  },
});
const simulatorUrl = await simulator.listen();
simulator.fault({ kind: 'duplicate', times: null, probability: 0.15, seed });
simulator.fault({ kind: 'reorder', times: null, probability: 0.1, seed: seed + 1 });
simulator.fault({ kind: 'delay', times: null, probability: 0.1, seed: seed + 2, delayMs: 1500 });
simulator.fault({ kind: 'reset_after_accept', times: null, probability: 0.03, seed: seed + 3 });
simulator.fault({ kind: 'hang_after_accept', times: null, probability: 0.02, seed: seed + 4 });
simulator.fault({ kind: '503', times: null, probability: 0.03, seed: seed + 5 });
simulator.fault({ kind: 'bad_gateway_after_accept', times: null, probability: 0.02, seed: seed + 6 });
simulator.fault({ kind: 'bad_gateway_before_accept', times: null, probability: 0.02, seed: seed + 7 });

const postgres: Postgres | null = values.embedded ? null : await startPostgres();
const databaseUrl = await postgres?.database('chaos');
const installation: Installation = await install(databaseUrl, simulatorUrl, { at: publicPort });
const slots: Slot[] = values.embedded
  ? [{ role: 'all', port: await freePort(), process: null }]
  : [
      { role: 'api', port: await freePort(), process: null },
      { role: 'api', port: await freePort(), process: null },
      { role: 'worker', port: await freePort(), process: null },
      { role: 'worker', port: await freePort(), process: null },
    ];
const balancer: Balancer = await startBalancer(publicPort, () =>
  slots.filter((slot) => slot.role !== 'worker' && slot.process).map((slot) => slot.port),
);

async function start(slot: Slot): Promise<void> {
  const deadline = Date.now() + startMsMax;
  for (;;) {
    try {
      slot.process = await installation.start(slot.role, slot.port);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      // The database was being restarted; the process said so and ended, as its operator's supervisor expects.
      await pause(200);
    }
  }
}

/** Leaves nothing running, whatever happened. */
async function cleanUp(): Promise<void> {
  await Promise.all(slots.map((slot) => slot.process?.kill('SIGKILL')));
  await balancer.close();
  await simulator.close();
  await postgres?.close();
  installation.close();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}

let stopping = false;
let texted = 0;
/** MessageSid → the contact who texted. */
const acknowledged = new Map<string, string>();

/** One text, delivered as a provider does: again and again until it is acknowledged, and sometimes once more. */
async function deliver(from: string, body: string): Promise<void> {
  let messageSid: string | undefined;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const sent = await simulator.text({ from, to: ourNumber, body, ...(messageSid ? { messageSid } : {}) });
    messageSid = sent.messageSid;
    if (sent.answer?.status === 200) {
      acknowledged.set(messageSid, from);
      break;
    }
    await pause(between(20, 300));
  }
  while (random() < 0.2) {
    await pause(between(0, 400));
    await simulator.text({ from, to: ourNumber, body, ...(messageSid ? { messageSid } : {}) });
  }
}

async function traffic(): Promise<void> {
  const running = new Set<Promise<void>>();
  while (!stopping) {
    texted += 1;
    const delivery = deliver(contactNumber(texted), 'What are your opening hours?').finally(() =>
      running.delete(delivery),
    );
    running.add(delivery);
    await pause(between(0, 2000 / perSecond));
  }
  await Promise.all(running);
}

async function kill(slot: Slot): Promise<void> {
  const victim = slot.process;
  if (!victim) return;
  slot.process = null;
  await victim.kill('SIGKILL');
  await pause(between(0, 300));
  await start(slot);
}

/** Waits for the moment at which the provider has accepted and we have not recorded: the worst one to die at. */
async function untilAccepted(): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => (onAccepted = resolve)), pause(1000)]);
}

async function murder(): Promise<void> {
  for (let count = 1; count <= kills; count += 1) {
    await pause(between(100, 1200));
    const choice = random();
    if (postgres?.crash && choice < 0.06) {
      await postgres.crash();
    } else {
      if (choice > 0.6) await untilAccepted();
      const victim = slots[Math.floor(random() * slots.length)];
      if (victim) await kill(victim);
    }
    if (count % 20 === 0) console.log(`${count} kills, ${texted} texts, ${simulator.ledger().length} sends`);
  }
}

async function evidence(): Promise<Evidence> {
  const app = await createApp({ config: loadConfig(installation.environment), log: createLogger('error') });
  const read = <Row>(sql: string) => app.kernel.database.asSystem((queries) => queries.sql<Row>(sql));
  const result: Evidence = {
    inbound: await read(evidenceQueries.inbound),
    outbound: await read(evidenceQueries.outbound),
    changes: await read(evidenceQueries.changes),
    sequences: (await read<Evidence['sequences']>(evidenceQueries.sequences))[0] ?? {
      count: 0,
      head: 0,
      unnumbered: 0,
    },
    deadLetters: await app.kernel.queue.deadLetters(),
  };
  await app.stop();
  for (const { job, attempts, error } of result.deadLetters)
    console.error(`dead letter: ${job}, ${attempts} tries: ${error ?? 'its process was gone'}`);
  return result;
}

/** Waits until every acknowledged text was answered, nothing is under way, and the callbacks have come in. */
async function settle(): Promise<void> {
  const deadline = Date.now() + settleMs;
  while (Date.now() < deadline) {
    const answered = new Set(simulator.ledger().map((entry) => entry.to));
    if ([...acknowledged.values()].every((from) => answered.has(from))) break;
    await pause(500);
  }
  await simulator.idle();
  // What the provider accepted and nobody recorded is found by look-ups over ten seconds and more.
  await installation.rest();
}

async function run(): Promise<Verdict> {
  await Promise.all(slots.map(start));
  await installation.connectNumber();
  await installation.call('POST', '/api/v1/knowledge', {
    title: 'Bakery',
    content: 'Q: What are your opening hours?\nA: Eight to six, every day.',
  });
  await installation.setAssistant({ policy: 'auto', burstWaitMs: 50 });

  const flow = traffic();
  await murder();
  stopping = true;
  await flow;
  await settle();
  await Promise.all(slots.map((slot) => slot.process?.kill('SIGTERM')));
  for (const slot of slots) slot.process = null;
  return judge(acknowledged, simulator.ledger(), await evidence());
}

const started = Date.now();
const verdict = await run().finally(cleanUp);

const engine = values.embedded
  ? 'the embedded database, one process'
  : 'PostgreSQL, two api and two worker processes';
console.log(
  `\nChaos on ${engine}: ${kills} kills in ${Math.round((Date.now() - started) / 1000)} s, seed ${seed}`,
);
printVerdict(verdict);
if (!isClean(verdict)) {
  console.error(`\nNot clean. Run it again with --seed ${seed} --kills ${kills}.`);
  process.exit(1);
}
console.log('\nClean: nothing acknowledged was lost, nothing was doubled, no state went back.');
process.exit(0);
