// What axe finds on a page as it stands, in both themes; the dark one differs by its colours alone.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function expectAccessible(page: Page, where: string): Promise<void> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
    // A colour on its way from one theme to the other is of neither.
    await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))');
    const rules = colorScheme === 'light' ? '' : ', runOnly: ["color-contrast", "link-in-text-block"]';
    const found = await page.evaluate(
      `axe.run(document, { resultTypes: ["violations"]${rules} }).then(({ violations }) =>
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 300))]))`,
    );
    expect.soft(found, `${where}, ${colorScheme}`).toEqual([]);
  }
}
