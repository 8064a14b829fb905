// A worker in a process of its own, for tests that kill it: it says which job it began, and hangs in those that it is
// told to hang in.
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/core/config.ts';
import { createLogger } from '../src/core/log.ts';
import { victimModule } from './victim-module.ts';

const hanging = new Set((process.env.VICTIM_HANGS_IN ?? '').split(','));
const module = victimModule(async (name) => {
  process.stdout.write(`began ${name}\n`);
  if (hanging.has(name)) await new Promise(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 5));
});
const app = await createApp({
  config: loadConfig(process.env),
  log: createLogger('fatal'),
  extraModules: [module],
});
await app.start();
process.stdout.write('ready\n');
