// What the tests of the walls have tried when they ran last, as one line; it stands in docs/security.md too. `--write` puts it
// there. Fails when something leaked, when a part was not run, or when the page says something else.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
/** Where server/test/walls/figures.ts puts them. */
const folder = new URL('node_modules/.cache/parley-walls/', root);
const page = new URL('docs/security.md', root);
const [begin, end] = ['<!-- walls: written by scripts/walls.ts -->', '<!-- /walls -->'];

const figures = {
  routes: ['routes', 'roles', 'tried', 'planted', 'leaks'],
  events: ['events', 'sockets', 'leaks'],
  jobs: ['jobs', 'tried', 'leaks'],
  files: ['kinds', 'tried', 'leaks'],
} as const;
type Part = keyof typeof figures;
type Figures = { [Each in Part]: Record<(typeof figures)[Each][number], number> };

/** One sentence for all of them. */
function describeFigures({ routes, events, jobs, files }: Figures): string {
  const leaks = routes.leaks + events.leaks + jobs.leaks + files.leaks;
  const figure = (value: number) => value.toLocaleString('en');
  return (
    `walls: ${figure(routes.routes)} routes × ${routes.roles} roles, nobody and members elsewhere (${figure(routes.tried)} requests, ` +
    `${figure(routes.planted)} canaries) · ${events.events} events (${events.sockets} sockets) · ${jobs.jobs} jobs (${figure(jobs.tried)} runs) · ` +
    `${files.kinds} kinds of files (${files.tried} tries) · leaks: ${leaks}`
  );
}

async function readPart<Each extends Part>(part: Each): Promise<Figures[Each]> {
  const text = await readFile(new URL(`${part}.json`, folder), 'utf8').catch(() => null);
  if (text === null)
    throw new Error(`walls: ${part} were not tried: npx vitest run --project unit server/test/walls`);
  const found = JSON.parse(text) as Record<string, unknown>;
  const missing = figures[part].filter((name) => !Number.isInteger(found[name]));
  if (missing.length > 0) throw new Error(`walls: of ${part} there is no ${missing.join(', ')}`);
  return found as Figures[Each];
}

async function readFigures(): Promise<Figures> {
  const [routes, events, jobs, files] = await Promise.all([
    readPart('routes'),
    readPart('events'),
    readPart('jobs'),
    readPart('files'),
  ]);
  return { routes, events, jobs, files };
}

async function main(): Promise<number> {
  const found = await readFigures();
  const line = describeFigures(found);
  console.log(line);
  const text = await readFile(page, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error('walls: docs/security.md has no place for the figures');
  const wanted = `${begin}\n\n${line}\n\n`;
  if (process.argv.includes('--write')) await writeFile(page, text.slice(0, from) + wanted + text.slice(to));
  else if (text.slice(from, to) !== wanted) {
    console.error('walls: docs/security.md says something else; run: node scripts/walls.ts --write');
    return 1;
  }
  return Object.values(found).every(({ leaks }) => leaks === 0) ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main().catch((error: Error) => {
    console.error(error.message);
    return 1;
  });
}
