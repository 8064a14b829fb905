import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findProblems, judgePlace, type LockFile, places } from './dependencies.ts';

const good = { version: '1.0.0', integrity: 'sha512-abc', license: 'MIT' };
const lockOf = (entry: LockFile['packages'][string]): LockFile => ({
  packages: { 'node_modules/some': entry },
});
const problemsOf = (entry: LockFile['packages'][string], installed = entry) =>
  findProblems(lockOf(entry), lockOf(installed), new Set(['judged']));

test('what was locked and may be used is no problem', () => {
  expect(problemsOf(good)).toEqual([]);
  expect(problemsOf({ ...good, license: '(MIT OR GPL-3.0-or-later)' })).toEqual([]);
  expect(findProblems(lockOf(good), { packages: {} }, new Set())).toEqual([]);
});

test.each([
  ['no checksum', { integrity: undefined }],
  ['a weak checksum', { integrity: 'sha1-abc' }],
  ['another registry', { resolved: 'https://registry.example.com/some.tgz' }],
  ['a licence that asks for more', { license: 'AGPL-3.0-only' }],
  ['two licences, one of which does', { license: 'MIT AND GPL-2.0' }],
  ['no licence', { license: undefined }],
  ['a script that nobody looked at', { hasInstallScript: true }],
])('%s is one', (_what, change) => {
  expect(problemsOf({ ...good, ...change })).toHaveLength(1);
});

test('what is installed and was not locked is one', () => {
  expect(problemsOf(good, { ...good, version: '1.0.1' })).toHaveLength(1);
  expect(problemsOf(good, { ...good, integrity: 'sha512-other' })).toHaveLength(1);
  expect(findProblems({ packages: {} }, lockOf(good), new Set())).toHaveLength(1);
});

test('every lock file is judged', () => {
  const found = globSync('**/package-lock.json', {
    cwd: join(import.meta.dirname, '..'),
    exclude: (name) => name === 'node_modules',
  });
  expect(places.map(({ folder }) => folder).sort()).toEqual(found.map((file) => dirname(file)).sort());
});

test('what is not installed is judged by what was locked', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-place-'));
  const write = (file: string, content: object) => writeFileSync(join(root, file), JSON.stringify(content));
  write('package-lock.json', lockOf({ ...good, hasInstallScript: true, license: 'LGPL-3.0-or-later' }));
  write('package.json', {});
  const place = { folder: '.', licences: new Set(['LGPL-3.0-or-later']) };
  expect(judgePlace(root, place).problems).toEqual([expect.stringContaining('name it in allowScripts')]);
  write('package.json', { allowScripts: { some: false } });
  expect(judgePlace(root, place)).toEqual({ problems: [], packages: 1 });
  rmSync(root, { recursive: true });
});
