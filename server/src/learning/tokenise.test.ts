import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashCharacterNgrams, hashWordNgrams } from './hashing.ts';
import { TEXT_LENGTH_MAX, tokenise } from './tokenise.ts';

/** Also halves of surrogate pairs. */
const ANY_UNIT = fc.nat(0xffff).map((code) => String.fromCharCode(code));

test('words come out in lower case, without accents', () => {
  expect(tokenise('  ¿Dónde está   MI pedido? ')).toEqual(['donde', 'esta', 'mi', 'pedido']);
  expect(tokenise("I don't — isn’t", {})).toEqual(['i', 'dont', 'isnt']);
  expect(tokenise('really?!', { keepsPunctuation: true })).toEqual(['really', '?', '!']);
});

test('emoji and currency signs are words, and half of a surrogate pair is none', () => {
  expect(tokenise('ok👍 £5')).toEqual(['ok', '👍', '£', '5']);
  expect(tokenise('\uD800')).toEqual([]);
});

test('other scripts are read, from right to left too', () => {
  expect(tokenise('שלום עולם')).toEqual(['שלום', 'עולם']);
  expect(tokenise('مرحبا')).toEqual(['مرحبا']);
});

test('of a text without end only the beginning is read', () => {
  expect(tokenise('a '.repeat(100_000))).toHaveLength(TEXT_LENGTH_MAX / 2);
});

test('any text has words, none of them empty, and n-grams that are whole numbers of 32 bits', () => {
  fc.assert(
    fc.property(fc.string({ unit: ANY_UNIT, maxLength: 300 }), (text) => {
      const words = tokenise(text);
      expect(words).not.toContain('');
      const hashes = [...hashWordNgrams(words, 1, 2), ...hashCharacterNgrams(words, 2, 5)];
      expect(hashes.every((hash) => hash >>> 0 === hash)).toBe(true);
    }),
  );
});

test('n-grams are as many as stand there', () => {
  expect(hashWordNgrams(['a', 'b', 'c'], 1, 2)).toHaveLength(5);
  expect(hashCharacterNgrams(['ab'], 2, 3)).toHaveLength(5);
  expect(hashCharacterNgrams([], 1, 5)).toEqual([]);
  expect(new Set(hashWordNgrams(['a', 'b', 'a'], 1, 2)).size).toBe(4);
});
