// Draws the app's icons from web/public/icon.svg with a browser: `node web/dev/icons.ts`, after the mark was changed.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';

const folder = new URL('../public/', import.meta.url);
const mark = await readFile(new URL('icon.svg', folder), 'utf8');

/** `share`: of the square that the mark fills; `ground`: what is around it. */
const icons = [
  { file: 'icon-192.png', pixels: 192, share: 1, ground: 'transparent' },
  { file: 'icon-512.png', pixels: 512, share: 1, ground: 'transparent' },
  // Systems cut these in shapes of their own; what matters stays within the inner 80 %.
  { file: 'icon-maskable-512.png', pixels: 512, share: 0.8, ground: '#0c5a66' },
  { file: 'apple-touch-icon.png', pixels: 180, share: 0.86, ground: '#0c5a66' },
];

const browser = await chromium.launch({
  executablePath: findChromium() ?? undefined,
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
for (const { file, pixels, share, ground } of icons) {
  const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
  const size = Math.round(pixels * share);
  await page.setContent(
    `<style>body{margin:0;height:100vh;display:grid;place-items:center;background:${ground}}svg{width:${size}px}</style>${mark}`,
  );
  await page.screenshot({ path: fileURLToPath(new URL(file, folder)), omitBackground: true });
  await page.close();
}
await browser.close();
