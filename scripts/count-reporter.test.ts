import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { countLine } from './count-reporter.ts';

const root = resolve(import.meta.dirname, '..');
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** What a run of these tests prints. */
async function linesOf(tests: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-count-'));
  folders.push(folder);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await writeFile(
    join(folder, 'some.test.ts'),
    `import { beforeAll, describe, expect, test } from 'vitest';\n${tests}`,
  );
  const reporter = join(root, 'scripts/count-reporter.ts');
  await writeFile(
    join(folder, 'vitest.config.ts'),
    `export default { test: { reporters: ['default', ${JSON.stringify(reporter)}] } };\n`,
  );
  const run = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder],
    {
      encoding: 'utf8',
      timeout: 60_000,
    },
  );
  return run.stdout.trimEnd().split('\n');
}

const lastLine = async (tests: string) => (await linesOf(tests)).at(-1);

test('the last line of a run says how many tests passed, failed and were skipped', async () => {
  const tests = "test('a', () => {});\ntest('b', () => { expect(1).toBe(2); });\ntest.skip('c', () => {});\n";
  expect(await lastLine(tests)).toBe('1 passed, 1 failed, 1 skipped');
});

test('a file that cannot be loaded, a hook and an unhandled rejection that fail are counted as failures', async () => {
  expect(await lastLine("await import('./gone.ts');\n")).toBe('0 passed, 1 failed');
  expect(await lastLine("beforeAll(() => { throw new Error('no'); });\ntest('a', () => {});\n")).toBe(
    '0 passed, 1 failed, 1 skipped',
  );
  expect(await lastLine("test('a', () => { void Promise.reject(new Error('no')); });\n")).toBe(
    '1 passed, 1 failed',
  );
});

test('a test that passed only when it was tried again is named', async () => {
  const lines = await linesOf(
    "let tries = 0;\ntest('a', { retry: 1 }, () => { expect(++tries).toBe(2); });\ntest('b', () => {});\n",
  );
  expect(lines.at(-1)).toBe('2 passed, 0 failed');
  expect(lines.filter((line) => line.startsWith('passed when tried again'))).toEqual([
    'passed when tried again: some.test.ts > a',
  ]);
});

test('nothing skipped is not mentioned', () => {
  expect(countLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
});
