import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let data: string;

beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'parley-evals-'));
  mkdirSync(join(data, 'phones_e164'));
  const rows = [
    { input: '(212) 555-2368', region: 'US', type: 'fixedLine', form: 'national', e164: '+12125552368' },
    { input: '612 34 56 78', region: 'ES', type: 'mobile', form: 'national', e164: '+34999999999' },
    { input: '112', region: 'ES', type: 'short_emergency', form: 'short', e164: null },
  ];
  writeFileSync(join(data, 'phones_e164/held.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});

afterAll(() => rmSync(data, { recursive: true }));

function runEvals(argv: readonly string[], environment: Record<string, string | undefined> = {}) {
  const { CI: _, ...inherited } = process.env;
  return spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), ...argv], {
    encoding: 'utf8',
    env: { ...inherited, ...environment },
  });
}

test('an eval prints a line for each figure, beside its baseline', () => {
  const { status, stdout } = runEvals(['phones', '--data', data, '--split', 'held', '--json']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(status).toBe(0);
  expect(rows[0]).toEqual({
    task: 'phones',
    set: 'phones_e164',
    split: 'held',
    metric: 'right',
    value: 50,
    unit: '%',
    trainSeconds: null,
    bytes: null,
    microsPerRow: expect.any(Number),
    baseline: { value: 99.7, from: 'libphonenumber-js/max' },
    peers: {},
    count: 2,
  });
  expect(rows[1]).toMatchObject({ set: 'phones_e164/short-codes', metric: 'rejected', value: 100, count: 1 });
  expect(runEvals(['phones', '--data', data, '--split', 'held']).stdout).toMatch(
    /phones phones_e164 +right +50\.0 % +99\.7 %/,
  );
});

test('without data nothing is measured and it says so, which fails only where CI relies on it', () => {
  const missing = ['--data', join(data, 'nowhere')];
  expect(runEvals(missing)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('nothing was measured'),
  });
  expect(runEvals(missing, { CI: '1' }).status).toBe(1);
});

test('a row of another shape, or an eval that does not exist, is an error', () => {
  writeFileSync(join(data, 'phones_e164/bad.jsonl'), '{"input":5}\n');
  expect(runEvals(['phones', '--data', data, '--split', 'bad']).status).toBe(1);
  expect(runEvals(['astrology', '--data', data]).status).toBe(2);
  expect(runEvals(['phones', '--data', data, '--seed', 'soon']).status).toBe(2);
});
