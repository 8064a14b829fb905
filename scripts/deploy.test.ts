import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** What the image copies from the project, not from its own earlier stage. */
function copiedSources(): string[] {
  const copies = Array.from(
    read('deploy/Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm),
    ([, sources = '']) => sources.split(' '),
  );
  return copies.flat();
}

test('everything that the image copies is in the project', () => {
  const sources = copiedSources();
  expect(sources.length).toBeGreaterThan(5);
  expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('what the image copies is let through to the builder', () => {
  const letThrough = new Set(
    read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1)),
  );
  expect(copiedSources().filter((path) => !letThrough.has(path))).toEqual([]);
});

test('the image brings every workspace of the lock file, so that npm accepts it', () => {
  const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
  expect(copiedSources()).toEqual(expect.arrayContaining(workspaces.map((name) => `${name}/package.json`)));
});

test('the image and the lock file have the same Node', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
  const versions = Array.from(
    read('deploy/Dockerfile').matchAll(/^FROM node:([\d.]+)/gm),
    ([, version]) => version,
  );
  expect(versions).toHaveLength(3);
  for (const version of versions) expect(`${devDependencies.node}.`).toMatch(`${version}.`);
});

test('every program that the containers start is in the project', () => {
  const text = read('deploy/Dockerfile') + read('deploy/compose.yaml');
  const programs = new Set(
    Array.from(text.matchAll(/['"](server\/[\w/-]+\.ts)['"]/g), ([, path = '']) => path),
  );
  expect(programs.size).toBeGreaterThan(0);
  expect([...programs].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every setting that the containers are given is one that Parley knows', () => {
  const own = /^(POSTGRES_|PARLEY_API_COUNT$|PARLEY_WORKER_COUNT$|PARLEY_PORTS$)/;
  const known = read('server/src/core/config.ts');
  const given = [
    ...Array.from(read('deploy/.env.example').matchAll(/^([A-Z_]+)=/gm), ([, name = '']) => name),
    ...Array.from(read('deploy/compose.yaml').matchAll(/^ {2}([A-Z_]+): /gm), ([, name = '']) => name),
  ];
  expect(given.length).toBeGreaterThan(4);
  expect(given.filter((name) => !own.test(name) && !known.includes(`  ${name}: setting(`))).toEqual([]);
});
