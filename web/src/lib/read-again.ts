// Reads again what is on the screen, one reading of a thing at a time: who hears a hundred events of a moment would else begin a
// reading with each, end none of them, and see the result only after the last.
import type { QueryClient } from '@tanstack/react-query';

type Key = readonly unknown[];

export function createReadAgain(client: QueryClient): (queryKey: Key) => Promise<void> {
  /** Of what is being read now: whether it has to be read once more. */
  const wanted = new Map<string, boolean>();
  return async (queryKey) => {
    const name = JSON.stringify(queryKey);
    if (wanted.has(name)) {
      wanted.set(name, true);
      return;
    }
    do {
      wanted.set(name, false);
      await client.invalidateQueries({ queryKey });
    } while (wanted.get(name));
    wanted.delete(name);
  };
}
