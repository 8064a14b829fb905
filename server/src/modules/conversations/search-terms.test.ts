import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { normalise, readQuestion, TermHasher, termsOf } from './search-terms.ts';

/** Whether a query finds a text by its terms alone, as the index does. */
function isIndexedFor(query: string, text: string): boolean {
  const question = readQuestion(query);
  if (!question) return false;
  const terms = new Set(termsOf(text));
  return (
    question.all.every((term) => terms.has(term)) &&
    (question.any.length === 0 || question.any.some((term) => terms.has(term)))
  );
}

const finds = (query: string, text: string) =>
  isIndexedFor(query, text) && readQuestion(query)?.matches(text) === true;

describe('a text is found', () => {
  it.each([
    ['by another form of its word', 'repairs', 'Can you repair my dryer?'],
    ['by another form of its word', 'reparaciones', '¿Hacen la reparación en casa?'],
    ['by another form of its word', 'reparação', 'Vocês reparam máquinas?'],
    ['without its accents', 'reparacion manana', '¿La reparación es mañana?'],
    ['with accents that it lacks', 'mañana', 'hasta manana'],
    ['in another case', 'DRYER', 'my dryer'],
    ['by half a word', 'appoint', 'I made an appointment'],
    ['by half a word after a whole one', 'made appoi', 'I made an appointment'],
    ['by a word that is longer than what is indexed of it', 'internationali', 'internationalisation'],
    ['by the parts of a name, and by the whole', 'brien', 'Mrs O’Brien'],
    ['by the parts of a name, and by the whole', 'obrien', "Mrs O'Brien"],
    ['by what letters are called elsewhere', 'strasse', 'Große Straße 4'],
    ['in Greek, whose last s has a form of its own', 'ΟΔΟΣ', 'οδός'],
    ['by a piece of writing without spaces', '衣机', '我的洗衣机坏了'],
    ['by a piece of writing without spaces', '機', '洗濯機が動きません'],
    ['by a piece of writing without spaces', 'ซ่อม', 'ช่วยซ่อมเครื่องซักผ้า'],
    ['by a part of a telephone number', '0142', '+12025550142'],
    ['by a telephone number that is spaced otherwise', '(202) 555-01', '+12025550142'],
    ['by a national number', '07700 900123', '+447700900123'],
    ['by a number with the international prefix', '0034 600 123 456', '+34600123456'],
    ['by a telephone number that is written in it', '2025550142', 'call me: 202-555-0142'],
    ['by a part of an order number', '203948', 'order A20394857'],
    ['by a short number', '12', 'room 12'],
    ['by a name and a number', 'rosa 0142', 'Rosa\n+12025550142'],
  ])('%s: %s', (_how, query, text) => {
    expect(finds(query, text)).toBe(true);
  });

  it.each([
    ['a word that it lacks', 'washer', 'my dryer'],
    ['only one of two words', 'dryer washer', 'my dryer'],
    ['the middle of a word', 'ointment', 'appointment'],
    ['half of a word that is not the last', 'appoi made', 'I made an appointment'],
    ['digits in another order', '0142', '+12025550124'],
    ['digits that are far from one another', '20250142', '+12025550142'],
    ['characters that are far from one another', '洗机', '洗衣机'],
  ])('not by %s: %s', (_what, query, text) => {
    expect(finds(query, text)).toBe(false);
  });

  it('by nothing that is no word and no number', () => {
    expect(readQuestion('… !? 👍')).toBeNull();
  });
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.lorem(),
  fc.string({ unit: fc.constantFrom(..."aeñç ßİıΣς’'-+(0129) .机ซ่้漢ー가") }),
);

test('what a text is normalised to does not depend on how often, and nothing makes it throw', () => {
  fc.assert(
    fc.property(text, (value) => {
      const once = normalise(value);
      expect(normalise(once)).toBe(once);
      termsOf(value);
      readQuestion(value);
    }),
    { numRuns: 2000 },
  );
});

test('a text and its normalised form have the same terms', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(termsOf(normalise(value))).toEqual(termsOf(value));
    }),
  );
});

test('whatever a question fits is indexed under what the question asks for', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), (value, start, length) => {
      const query = value.slice(start % (value.length + 1)).slice(0, length % 20);
      const question = readQuestion(query);
      if (question?.matches(value)) expect(isIndexedFor(query, value)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('a text is found by every word of it, and by its beginning from three letters on', () => {
  fc.assert(
    fc.property(
      fc.lorem({ maxCount: 30 }),
      fc.nat(),
      fc.integer({ min: 3, max: 12 }),
      (value, index, length) => {
        const words = value.match(/[a-z]+/gi) ?? [];
        const word = words[index % words.length] ?? '';
        expect(finds(word, value)).toBe(true);
        if (word.length >= 3) expect(finds(word.slice(0, length), value)).toBe(true);
      },
    ),
  );
});

test('a text of any length makes a bounded number of terms', () => {
  const long = Array.from({ length: 5000 }, (_, index) => `word${index.toString(36)}x`).join(' ');
  expect(termsOf(long).length).toBe(4000);
  expect(termsOf('1234567890'.repeat(2000)).length).toBeLessThanOrEqual(4000);
});

test('a hash is a bigint of 63 bits that differs by key and by class', () => {
  const hasher = new TermHasher(Buffer.alloc(32, 1));
  const [hash = ''] = hasher.hash('text', ['wdry']);
  expect(hasher.hash('text', ['wdry'])).toEqual([hash]);
  expect(BigInt(hash)).toBeGreaterThanOrEqual(0n);
  expect(BigInt(hash)).toBeLessThan(2n ** 63n);
  expect(hasher.hash('contact', ['wdry'])).not.toEqual([hash]);
  expect(new TermHasher(Buffer.alloc(32, 2)).hash('text', ['wdry'])).not.toEqual([hash]);
});
