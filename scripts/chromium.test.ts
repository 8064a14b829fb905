import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findChromium } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-chromium-'));
const browser = join(folder, process.platform === 'win32' ? 'chromium.exe' : 'chromium');
writeFileSync(browser, '');
chmodSync(browser, 0o755);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the browser is found on the PATH, and a chosen one wins', () => {
  expect(findChromium({ PATH: [join(folder, 'nowhere'), folder].join(delimiter) })).toBe(browser);
  expect(findChromium({ PATH: '', CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
});

test('a chosen browser that cannot be started is an error, not another browser', () => {
  expect(() => findChromium({ PATH: folder, CHROMIUM_PATH: join(folder, 'gone') })).toThrow('CHROMIUM_PATH');
});
