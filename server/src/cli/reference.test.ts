import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modules } from '../app.ts';
import { loadConfig, settings } from '../core/config.ts';
import { buildReference, findDrift, writeReference } from './reference.ts';

let pages: ReadonlyMap<string, string>;
let folder = '';

beforeAll(async () => {
  pages = await buildReference();
  folder = await mkdtemp(join(tmpdir(), 'parley-reference-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pageOf = (path: string) => pages.get(path) ?? '';

test('a page that somebody changed, or that lacks what was added, is named as drift', async () => {
  await writeReference(pages, folder);
  expect(await findDrift(pages, folder)).toEqual([]);
  const events = join(folder, 'docs/reference/events.md');
  await writeFile(events, (await readFile(events, 'utf8')).replace('happened', 'hapened'));
  await rm(join(folder, '.env.example'));
  expect(await findDrift(pages, folder)).toEqual(['.env.example', 'docs/reference/events.md']);
});

test('the reference is the same each time it is made', async () => {
  expect(await buildReference()).toEqual(pages);
});

test('every setting stands in .env.example and in the reference, and what .env.example proposes is right', () => {
  const example = pageOf('.env.example');
  const proposed = [...example.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);
  expect(proposed.map(([name]) => name)).toEqual(Object.keys(settings));
  expect(() => loadConfig(Object.fromEntries(proposed))).not.toThrow();
  for (const name of Object.keys(settings)) {
    expect(pageOf('docs/reference/configuration.md')).toContain(`| \`${name}\` |`);
  }
});

test('every event and every job of every module has its line', () => {
  for (const module of modules) {
    for (const event of module.events ?? [])
      expect(pageOf('docs/reference/events.md')).toContain(`\`${event.type}\``);
    for (const { job } of module.jobs ?? [])
      expect(pageOf('docs/reference/jobs.md')).toContain(`\`${job.name}\``);
  }
});

test('every route of the API says what it does', () => {
  const { paths } = JSON.parse(pageOf('docs/reference/openapi.json')) as {
    paths: Record<string, Record<string, { summary?: string }>>;
  };
  expect(Object.keys(paths).length).toBeGreaterThan(20);
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { summary }] of Object.entries(methods))
      expect(summary, `${method} ${path}`).toBeTruthy();
  }
});
