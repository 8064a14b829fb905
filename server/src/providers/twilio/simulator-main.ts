// The simulator as a process of its own, for the chaos run and the benchmark. Prints one line of JSON with its URL when
// it listens, and ends on SIGTERM or SIGINT.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createTwilioSimulator } from './simulator.ts';
import { simulatedAccount } from './simulator-state.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    /** The control token. */
    token: { type: 'string' },
    /** JSON, or the name of a file with it: a list of accounts. */
    accounts: { type: 'string' },
    ledger: { type: 'string' },
    /** `off`, or milliseconds before each step, separated by commas. */
    'status-callbacks': { type: 'string', default: '20' },
    'webhook-retries': { type: 'string', default: '1' },
    'webhook-retry-on': { type: 'string', default: 'connection' },
    'webhook-concurrency': { type: 'string', default: '32' },
    'carrier-opt-out': { type: 'boolean', default: false },
  },
});

const count = z.coerce.number().int().nonnegative();
const options = z
  .object({
    port: count.max(65_535),
    token: z.string().min(1).optional(),
    accounts: z
      .string({ error: 'give --accounts, as JSON or a file' })
      .transform((given) => JSON.parse(/^\s*\[/.test(given) ? given : readFileSync(given, 'utf8')) as unknown)
      .pipe(z.array(simulatedAccount)),
    ledger: z.string().optional(),
    'status-callbacks': z
      .string()
      .transform((given) => (given === 'off' ? null : given.split(',').map(Number))),
    'webhook-retries': count,
    'webhook-retry-on': z.enum(['connection', 'all']),
    'webhook-concurrency': count.min(1),
    'carrier-opt-out': z.boolean(),
  })
  .parse(values);

const delaysMs = options['status-callbacks'];
const simulator = createTwilioSimulator({
  accounts: options.accounts,
  statusCallbacks: delaysMs === null ? false : { delaysMs },
  webhookRetries: { count: options['webhook-retries'], on: options['webhook-retry-on'] },
  webhookConcurrencyMax: options['webhook-concurrency'],
  carrierOptOut: options['carrier-opt-out'],
  ...(options.token === undefined ? {} : { controlToken: options.token }),
  ...(options.ledger === undefined ? {} : { ledgerFile: options.ledger }),
});
const url = await simulator.listen(options.port);
process.stdout.write(`${JSON.stringify({ url })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator.close());
}
