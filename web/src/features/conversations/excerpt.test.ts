import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excerptAround, markWords } from './excerpt.ts';

const marked = (text: string, words: string) =>
  markWords(text, words)
    .filter(({ isFound }) => isFound)
    .map(({ text }) => text);

test('words are marked whatever their accents, case and ending', () => {
  expect(marked('La dirección y las DIRECCIONES', 'direccion')).toEqual(['dirección', 'DIRECCIONES']);
  expect(marked('Deliveries on Monday', 'delivery mon')).toEqual(['Deliveries', 'Monday']);
});

test('an excerpt begins shortly before the first word that was found', () => {
  const text = `${'word '.repeat(40)}the refund came ${'word '.repeat(20)}`;
  const excerpt = excerptAround(text, 'refund');
  expect(excerpt.startsWith('…')).toBe(true);
  expect(excerpt.indexOf('refund')).toBeLessThan(50);
});

test('the marked parts of any text are the text again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, words) => {
      expect(
        markWords(text, words)
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
    }),
  );
});
