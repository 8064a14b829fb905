import { expect, test } from 'vitest';
import { findProblems, type LockFile } from './dependencies.ts';

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
