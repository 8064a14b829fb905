// A worker in a process of its own that takes poison jobs like any others; whoever starts it starts it again.
import { createApp } from '../src/app.ts';
import { loadConfig } from '../src/core/config.ts';
import { createLogger } from '../src/core/log.ts';
import { watchEventLoop } from '../src/watchdog.ts';
import { poisonModule } from './poison-module.ts';

watchEventLoop(2000);
const app = await createApp({
  config: loadConfig(process.env),
  log: createLogger('fatal'),
  extraModules: [poisonModule],
});
await app.start();
