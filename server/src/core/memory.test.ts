import { performance } from 'node:perf_hooks';
import { afterEach, expect, it, vi } from 'vitest';
import { collectGarbage, giveMemoryBackAtRest } from './memory.ts';

const megabytes = 1024 * 1024;
let stop: (() => void) | undefined;
afterEach(() => stop?.());

/** Leaves about 100 MB behind that nothing refers to. */
function waste(): void {
  const kept: object[][] = [];
  for (let index = 0; index < 50; index += 1) kept.push(Array.from({ length: 20_000 }, (_, at) => ({ at })));
  kept.length = 0;
}

it('a full collection gives back what nothing refers to', async () => {
  waste();
  const before = process.memoryUsage().heapTotal;
  await collectGarbage();
  expect(process.memoryUsage().heapTotal).toBeLessThan(before - 20 * megabytes);
});

it('what work took is given back when the process has come to rest, and not while it works', async () => {
  stop = giveMemoryBackAtRest(20);
  const until = performance.now() + 200;
  while (performance.now() < until) {
    waste();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const busy = process.memoryUsage().heapTotal;
  await vi.waitFor(() => expect(process.memoryUsage().heapTotal).toBeLessThan(busy - 20 * megabytes), 10_000);
});
