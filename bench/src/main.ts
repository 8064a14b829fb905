// `npm run bench -- NAME… --json`: speed, as ratios against bare ceilings of the same run.
import { parseArgs } from 'node:util';
import { memory, start } from './footprint.ts';
import { ingest } from './ingest.ts';
import { startPostgres } from './postgres.ts';
import { realtime } from './realtime.ts';
import { recovery } from './recovery.ts';
import { type Figure, printFigures } from './result.ts';
import { retrieval } from './retrieval.ts';
import { roundTrip } from './round-trip.ts';
import { router } from './router.ts';
import { routerMemory } from './router-memory.ts';
import { understanding } from './understanding.ts';
import { web } from './web.ts';
import { webLists } from './web-lists.ts';

const names = [
  'ingest',
  'ingest-latency',
  'ingest-overload',
  'round-trip',
  'recovery',
  'realtime-latency',
  'realtime-fanout',
  'realtime-recovery',
  'router',
  'router-memory',
  'retrieval',
  'understanding',
  'memory',
  'start',
  'web',
  'web-lists',
];
const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark called ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(2);
}
const chosen = new Set(positionals.length > 0 ? positionals : names);
const show = (figures: readonly Figure[]) => printFigures(figures, values.json);

if (chosen.has('start')) show(await start());
if (chosen.has('web')) show(await web());
if ([...chosen].every((name) => name === 'start' || name === 'web')) process.exit(0);
const postgres = await startPostgres().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
try {
  if (chosen.has('ingest') || chosen.has('ingest-latency') || chosen.has('ingest-overload'))
    show(await ingest(postgres, chosen));
  if (chosen.has('round-trip')) show(await roundTrip(postgres));
  if (chosen.has('recovery')) show(await recovery(postgres));
  if ([...chosen].some((name) => name.startsWith('realtime-'))) show(await realtime(postgres, chosen));
  if (chosen.has('web-lists')) show(await webLists(postgres));
  if (chosen.has('router')) show(await router(postgres));
  if (chosen.has('router-memory')) show(await routerMemory(postgres));
  if (chosen.has('retrieval')) show(await retrieval(postgres));
  if (chosen.has('understanding')) show(await understanding(postgres));
  if (chosen.has('memory')) show(await memory(postgres));
} finally {
  await postgres.close();
}
process.exit(0);
