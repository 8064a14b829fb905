// One at a time, among all tabs of this browser; among the work of this tab where the browser has no locks (plain http).

const tails = new Map<string, Promise<void>>();

export async function withLock(name: string, work: () => Promise<void>): Promise<void> {
  // The library's types promise them everywhere; browsers have them on https and on localhost only.
  const locks = (navigator as Partial<Navigator>).locks;
  if (locks) {
    await locks.request(name, work);
    return;
  }
  const before = tails.get(name) ?? Promise.resolve();
  const mine = before.then(work);
  const tail = mine.catch(() => undefined);
  tails.set(name, tail);
  await mine.finally(() => {
    if (tails.get(name) === tail) tails.delete(name);
  });
}
