// What it takes to understand a message: all of it together, with the models that ship.
import { createApp } from '@parley/server/app';
import { loadConfig } from '@parley/server/core/config';
import { systemActor } from '@parley/server/core/context';
import { createLogger } from '@parley/server/core/log';
import { loadReader } from '@parley/server/modules/understanding/reading';
import { starterExamples } from '@parley/server/modules/understanding/starter-intents/starter-intents';
import { install } from './installation.ts';
import type { Postgres } from './postgres.ts';
import { type Figure, figure } from './result.ts';

const rounds = 5;
const times = 5;
/** What people write beside what they want. */
const around = [
  '',
  ' Please tell me by tomorrow at 3 pm.',
  ' Gracias, el viernes a la tarde.',
  ' Obrigado, daqui a duas semanas!',
];

export async function understanding(postgres: Postgres): Promise<Figure[]> {
  const installation = await install(await postgres.database('bench_understanding'), 'http://127.0.0.1:9');
  const app = await createApp({
    config: loadConfig({ ...installation.environment, PARLEY_ROLE: 'worker' }),
    log: createLogger('error'),
  });
  try {
    const { workspaceId } = installation;
    const ctx = app.kernel.context({ workspaceId, actor: systemActor, requestId: 'bench' });
    const reader = await ctx.transaction(loadReader);
    const texts = starterExamples().map(({ text }, at) => text + (around[at % around.length] ?? ''));
    const at = ctx.clock.now();
    const prior = { language: 'unknown', confidence: 0 } as const;
    const readAll = () => {
      const before = process.cpuUsage();
      for (let time = 0; time < times; time += 1) for (const text of texts) reader.read({ text, at }, prior);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / (times * texts.length);
    };
    // For the compiler.
    readAll();
    const measured = Array.from({ length: rounds }, readAll);
    const characters = Math.round(texts.join('').length / texts.length);
    return [
      figure(
        'understanding',
        'µs',
        `of processor time for a message of ${characters} characters: language, intent, sentiment, spam, dates; goal 1000`,
        measured,
      ),
    ];
  } finally {
    await app.stop();
  }
}
