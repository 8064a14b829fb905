// What the tests of the walls have tried, for `scripts/walls.ts` to print, and to compare with docs/security.md.
import { mkdir, writeFile } from 'node:fs/promises';

export const figuresFolder = new URL('../../../node_modules/.cache/parley-walls/', import.meta.url);

/** @param figures by what was tried, in words; `leaks` must be 0 */
export async function writeFigures(
  part: 'routes' | 'events' | 'jobs' | 'files',
  figures: Readonly<Record<string, number>> & { readonly leaks: number },
): Promise<void> {
  await mkdir(figuresFolder, { recursive: true });
  await writeFile(new URL(`${part}.json`, figuresFolder), JSON.stringify(figures));
}
