// Long work on passages, in steps, so that whoever else lives in the process has their turn.
import type { Language } from '@parley/contract/common';
import type { Passage } from './passages.ts';

/** Everybody else of the process has waited long enough after so long. */
const turnMs = 10;

export async function lettingOthersIn<T>(steps: Generator<undefined, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < turnMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
}

/** To tell a passage's language takes longer than to cut it. */
export function* withLanguages(
  passages: readonly Passage[],
  detect: (text: string) => { readonly language: Language },
): Generator<undefined, Passage<Language>[]> {
  const told: Passage<Language>[] = [];
  for (const passage of passages) {
    yield;
    told.push({ ...passage, language: detect(`${passage.heading ?? ''}\n${passage.text}`).language });
  }
  return told;
}
