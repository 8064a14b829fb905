// The whole road with the built-in model: from the webhook to the provider's ledger, api and worker on PostgreSQL.
import { createTwilioSimulator } from '@parley/server/providers/twilio/simulator';
import { accountSid, authToken, install, ourNumber } from './installation.ts';
import { closedLoop, openLoop } from './load.ts';
import type { Postgres } from './postgres.ts';
import { type Figure, figure, median, quantile } from './result.ts';
import { contactNumber, prepareText } from './webhooks.ts';

const rounds = 5;
const perRound = 1500;
/** Latency is measured at a load that leaves room, throughput with everything sent at once. */
const calmPerSecond = 25;
const calmMs = 4000;
const questions = [
  'What are your opening hours?',
  'Where are you?',
  'Do you deliver?',
  'How much is a loaf?',
];
const knowledge = `Q: What are your opening hours?
A: We are open Monday to Saturday from 8 am to 6 pm.

Q: Where are you? What is your address?
A: 12 Harbour Street, next to the fish market.

Q: Do you deliver?
A: We deliver within five miles for 3 dollars.

Q: How much is a loaf of bread?
A: A loaf is 5 dollars.`;

export async function roundTrip(postgres: Postgres): Promise<Figure[]> {
  const accepted = new Map<string, number>();
  let wake = () => undefined as undefined;
  const simulator = createTwilioSimulator({
    accounts: [{ sid: accountSid, authToken, numbers: [{ phoneNumber: ourNumber }] }],
    onExchange: ({ method, url, form, status }) => {
      if (method !== 'POST' || status !== 201 || !url.includes('/Messages')) return;
      const to = (form as Record<string, string>).To ?? '';
      if (!accepted.has(to)) accepted.set(to, performance.now());
      wake();
    },
  });
  const databaseUrl = await postgres.database('bench_round_trip');
  const installation = await install(databaseUrl, await simulator.listen());
  const api = await installation.start('api');
  const worker = await installation.start('worker');
  try {
    await installation.connectNumber();
    await installation.call('POST', '/api/v1/knowledge', { title: 'Bakery', content: knowledge });
    await installation.setAssistant({ policy: 'auto', burstWaitMs: 0 });
    let contacts = 0;
    const texts = (count: number) =>
      Array.from({ length: count }, () => {
        contacts += 1;
        return prepareText(
          installation,
          contactNumber(contacts),
          questions[contacts % questions.length] ?? '',
        );
      });
    const all = (numbers: readonly string[]) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () =>
            reject(
              new Error(
                `${numbers.filter((number) => !accepted.has(number)).length} answers did not arrive within a minute`,
              ),
            ),
          60_000,
        );
        wake = () => {
          if (accepted.size < numbers.length || !numbers.every((number) => accepted.has(number))) return;
          clearTimeout(timer);
          resolve();
        };
        wake();
      });

    const flood = async () => {
      accepted.clear();
      const webhooks = texts(perRound);
      const started = performance.now();
      let next = 0;
      await closedLoop({
        port: installation.port,
        connections: 50,
        durationMs: 60_000,
        next: () => {
          const webhook = webhooks[next];
          next += 1;
          return webhook ? { index: next - 1, bytes: webhook.bytes } : null;
        },
        onAnswer: ({ status }) => {
          if (status !== 200) throw new Error(`a webhook was answered ${status}`);
        },
      });
      await all(webhooks.map(({ from }) => from));
      const seconds = (performance.now() - started) / 1000;
      await simulator.idle();
      return perRound / seconds;
    };
    const calm = async () => {
      accepted.clear();
      const webhooks = texts((calmPerSecond * calmMs) / 1000);
      const sent = new Map<string, number>();
      let next = 0;
      await openLoop({
        port: installation.port,
        connections: 50,
        durationMs: calmMs,
        perSecond: calmPerSecond,
        next: () => {
          const webhook = webhooks[next];
          next += 1;
          if (!webhook) return null;
          sent.set(webhook.from, performance.now());
          return { index: next - 1, bytes: webhook.bytes };
        },
        onAnswer: () => undefined,
      });
      const numbers = [...sent.keys()];
      await all(numbers);
      await simulator.idle();
      return numbers.map((number) => (accepted.get(number) ?? Number.NaN) - (sent.get(number) ?? Number.NaN));
    };

    await flood();
    const throughput: number[] = [];
    const p50: number[] = [];
    const p99: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      throughput.push(await flood());
      await installation.rest();
      const latencies = await calm();
      p50.push(median(latencies));
      p99.push(quantile(latencies, 0.99));
    }
    return [
      figure(
        'round-trip',
        'per s',
        `webhook to ledger, all sent at once; goal ≥ 300 (p50 ${median(p50).toFixed(0)} ms)`,
        throughput,
      ),
      figure('round-trip-p50', 'ms', `at ${calmPerSecond} a second, burst wait 0; goal ≤ 150`, p50),
      figure('round-trip-p99', 'ms', `at ${calmPerSecond} a second, burst wait 0`, p99),
    ];
  } finally {
    await Promise.all([api.kill(), worker.kill()]);
    await simulator.close();
    installation.close();
  }
}
