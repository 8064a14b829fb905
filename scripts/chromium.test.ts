import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findChromium } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-chromium-'));
const browser = plant(folder, 'chromium');

function plant(into: string, name: string): string {
  const path = join(into, process.platform === 'win32' ? `${name}.exe` : name);
  writeFileSync(path, '');
  chmodSync(path, 0o755);
  return path;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the browser is found on the PATH, and a chosen one wins', () => {
  expect(findChromium({ PATH: [join(folder, 'nowhere'), folder].join(delimiter) })).toBe(browser);
  expect(findChromium({ PATH: '', CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
});

test('of several browsers the one without windows is taken, wherever on the PATH it stands', () => {
  const later = mkdtempSync(join(folder, 'later-'));
  const shell = plant(later, 'chromium-headless-shell');
  expect(findChromium({ PATH: [folder, later].join(delimiter) })).toBe(shell);
});

test('a chosen browser that cannot be started is an error, not another browser', () => {
  expect(() => findChromium({ PATH: folder, CHROMIUM_PATH: join(folder, 'gone') })).toThrow('CHROMIUM_PATH');
});
