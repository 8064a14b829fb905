import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownPieces } from './differences.ts';

test('what only one of two texts says is told apart, and its words stay as they were', () => {
  expect(ownPieces('We are open from 9 to 18.', 'We are open from 10 to 18!')).toEqual([
    { text: 'We are open from', isOwn: false },
    { text: ' 9', isOwn: true },
    { text: ' to 18.', isOwn: false },
  ]);
  expect(ownPieces('', 'anything')).toEqual([]);
});

test('the pieces of any text are that text, and nothing of a text is its own beside itself', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd,', 'É'), { maxLength: 12 });
  fc.assert(
    fc.property(words, words, (left, right) => {
      const [text, other] = [left.join(' '), right.join('  ')];
      const said = ownPieces(text, other)
        .map((piece) => piece.text)
        .join('');
      expect(said).toBe(text);
      expect(ownPieces(text, text).every(({ isOwn }) => !isOwn)).toBe(true);
    }),
  );
});
