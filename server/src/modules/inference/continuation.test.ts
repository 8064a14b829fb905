import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OverlapTrimmer, overlapOf, WordGate } from './continuation.ts';

const pieces = (text: string, at: readonly number[]) => {
  const cuts = [0, ...at.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut));
};
const through = (said: string, written: readonly string[]) => {
  const trimmer = new OverlapTrimmer(said);
  const gate = new WordGate();
  const heard = written.map((piece) => gate.take(trimmer.take(piece)));
  return said + heard.join('') + gate.take(trimmer.end()) + gate.end();
};
/** Words of which none comes twice. */
const words = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,8}[,.]?$/), {
    minLength: 2,
    maxLength: 12,
    selector: (word) => word.replace(/\W/, ''),
  })
  .map((list) => list.join(' '));

describe('an answer that another model goes on with', () => {
  it('is the whole answer with no word twice, wherever it was cut and however much the other one repeats', () => {
    fc.assert(
      fc.property(
        words,
        fc.nat(),
        fc.nat(),
        fc.array(fc.nat(), { maxLength: 6 }),
        (text, cutAt, backAt, at) => {
          const gate = new WordGate();
          const said = gate.take(text.slice(0, cutAt % text.length));
          // The other one goes back by some whole words, or to the beginning.
          const starts = [...said.matchAll(/\S+/g)].map(({ index }) => index);
          const from = [said.length, ...starts][backAt % (starts.length + 1)] ?? 0;
          expect(through(said, pieces(text.slice(from), at))).toBe(text);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('keeps what only looks a little like a repetition', () => {
    expect(through('We are open ', ['open', ' air'])).toBe('We are open air');
    expect(through('We open at 9 ', ['to 18.'])).toBe('We open at 9 to 18.');
    expect(through('I can see ', ['sea lions.'])).toBe('I can see sea lions.');
    expect(overlapOf('We are open', 'pen and paper')).toBe(0);
  });

  it('says nothing more where the other one only repeats', () => {
    expect(through('We are open ', ['We are', ' open'])).toBe('We are open ');
  });

  it('is let out in whole words, and something without spaces is not held back for ever', () => {
    const gate = new WordGate();
    expect([gate.take('We a'), gate.take('re'), gate.take(' op'), gate.end()]).toEqual([
      'We ',
      '',
      'are ',
      'op',
    ]);
    expect(new WordGate().take('我'.repeat(50))).toHaveLength(50);
  });
});
