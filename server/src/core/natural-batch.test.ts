import { describe, expect, it } from 'vitest';
import { NaturalBatch } from './natural-batch.ts';

/** A batch whose runs end when they are told to. */
function setUp(limits: { sizeMax: number; secondAt?: number }) {
  const runs: { items: readonly number[]; end: (results: readonly (string | Error)[]) => void }[] = [];
  const begun: (() => void)[] = [];
  const batch = new NaturalBatch<number, string>((items) => {
    const { promise, resolve } = Promise.withResolvers<readonly (string | Error)[]>();
    runs.push({ items, end: resolve });
    begun.shift()?.();
    return promise;
  }, limits);
  const next = () => new Promise<void>((resolve) => begun.push(resolve));
  const end = (run: number) => runs[run]?.end(runs[run].items.map(String));
  return { batch, runs, next, end };
}

describe('a natural batch', () => {
  it('runs what comes in one turn together, and what comes meanwhile together afterwards', async () => {
    const { batch, runs, next, end } = setUp({ sizeMax: 10 });
    const first = next();
    const answers = [1, 2].map((item) => batch.add(item));
    await first;
    answers.push(...[3, 4, 5].map((item) => batch.add(item)));
    expect(runs.map(({ items }) => items)).toEqual([[1, 2]]);
    const second = next();
    end(0);
    await second;
    expect(runs.map(({ items }) => items)).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    end(1);
    expect(await Promise.all(answers)).toEqual(['1', '2', '3', '4', '5']);
    expect(batch.idle).toBe(true);
  });

  it('takes no more at once than it may', async () => {
    const { batch, runs, next, end } = setUp({ sizeMax: 2 });
    const first = next();
    const answers = [1, 2, 3].map((item) => batch.add(item));
    await first;
    expect(batch.waiting).toBe(1);
    const second = next();
    end(0);
    await second;
    end(1);
    expect(runs.map(({ items }) => items)).toEqual([[1, 2], [3]]);
    await Promise.all(answers);
  });

  it('begins a second run beside the first only when many wait', async () => {
    const { batch, runs, next, end } = setUp({ sizeMax: 10, secondAt: 3 });
    const first = next();
    const answers = [batch.add(1)];
    await first;
    answers.push(batch.add(2), batch.add(3));
    expect(runs).toHaveLength(1);
    const second = next();
    answers.push(batch.add(4));
    await second;
    expect(runs.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
    end(1);
    end(0);
    expect(await Promise.all(answers)).toEqual(['1', '2', '3', '4']);
  });

  it('fails those alone that failed alone, and all of a run that failed as a whole', async () => {
    const { batch, runs, next } = setUp({ sizeMax: 10 });
    const first = next();
    const answers = [batch.add(1), batch.add(2)];
    await first;
    runs[0]?.end(['1', new Error('two is bad')]);
    expect(await Promise.allSettled(answers)).toMatchObject([
      { value: '1' },
      { reason: { message: 'two is bad' } },
    ]);
    const broken = new NaturalBatch<number, string>(() => Promise.reject(new Error('no database')), {
      sizeMax: 10,
    });
    await expect(broken.add(1)).rejects.toThrow('no database');
    await expect(broken.add(2)).rejects.toThrow('no database');
  });
});
