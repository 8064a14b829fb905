import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runSteps } from './check.mjs';

const root = resolve(import.meta.dirname, '..');
const says = (code: string) => [process.execPath, '-e', code];

test('every step runs although one failed, and only the failing one is quoted', async () => {
  const printed: string[] = [];
  const passed = await runSteps(
    [
      { name: 'first', promise: 'it breaks', command: says("console.log('what broke'); process.exit(3)") },
      { name: 'second', promise: 'it holds', command: says("console.log('chatter')") },
      { name: 'third', promise: 'it starts', command: ['a-program-that-nobody-has'] },
    ],
    (text) => printed.push(text),
  );
  const text = printed.join('\n');
  expect(passed).toBe(false);
  expect(text).toMatch(/FAIL {2}first .*it breaks\n\nwhat broke/);
  expect(text).toMatch(/ok {3}second .*it holds/);
  expect(text).not.toContain('chatter');
  expect(text).toContain('a-program-that-nobody-has could not be started');
  expect(text).toContain('check: 2 of 3 steps failed: first, third');
});

test('a check in which all steps passed says so', async () => {
  const printed: string[] = [];
  expect(
    await runSteps([{ name: 'only', promise: 'it holds', command: says('') }], (text) => printed.push(text)),
  ).toBe(true);
  expect(printed.at(-1)).toContain('check: all 1 steps passed');
});

test('a step that does not exist is refused by name', () => {
  const run = spawnSync(process.execPath, [join(root, 'scripts/check.mjs'), '--only', 'types,colour'], {
    encoding: 'utf8',
  });
  expect(run.status).toBe(2);
  expect(run.stderr).toContain('no step is called colour');
});
