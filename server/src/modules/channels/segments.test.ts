import { countSegments, toGsm7 } from '@parley/contract/segments';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const gsmCharacter = fc.constantFrom(...'abcXYZ 012@£$¥èéùìòÇØøÅåΔΦ\n\r"\'¿¡ñü', ...'^{}\\[~]|€\f');
const anyCharacter = fc.oneof(
  gsmCharacter,
  fc.constantFrom('ã', 'ç', '😀', '👍🏽', 'Ж', '’'),
  fc.string({ maxLength: 1 }),
);
const text = (character: fc.Arbitrary<string>) =>
  fc.array(character, { maxLength: 400 }).map((characters) => characters.join(''));

test('160 plain characters are one segment and 161 are two of 153', () => {
  expect(countSegments('a'.repeat(160))).toEqual({
    encoding: 'GSM-7',
    segments: 1,
    unitsUsed: 160,
    unitsPerSegment: 160,
    charactersThatForceUcs2: [],
  });
  expect(countSegments('a'.repeat(161))).toMatchObject({ segments: 2, unitsPerSegment: 153 });
  expect(countSegments('a'.repeat(306)).segments).toBe(2);
  expect(countSegments('a'.repeat(307)).segments).toBe(3);
});

test('one curly quote turns 71 characters into two segments of 67, and is named', () => {
  const body = `It’s ${'a'.repeat(66)}`;
  expect(countSegments(body)).toEqual({
    encoding: 'UCS-2',
    segments: 2,
    unitsUsed: 71,
    unitsPerSegment: 67,
    charactersThatForceUcs2: ['’'],
  });
  expect(countSegments('ã'.repeat(70)).segments).toBe(1);
});

test('a character of the extension table costs two septets', () => {
  expect(countSegments('€'.repeat(80))).toMatchObject({ encoding: 'GSM-7', segments: 1, unitsUsed: 160 });
  expect(countSegments('€'.repeat(81))).toMatchObject({ segments: 2, unitsUsed: 162 });
});

test('neither an escape nor a surrogate pair is split over two segments', () => {
  // 153 = 152 + 1: the euro that would straddle the border moves on, and takes a third segment with it.
  expect(countSegments(`${'a'.repeat(152)}€${'a'.repeat(151)}`)).toMatchObject({
    unitsUsed: 305,
    segments: 2,
  });
  expect(countSegments(`${'a'.repeat(152)}€${'a'.repeat(152)}`)).toMatchObject({
    unitsUsed: 306,
    segments: 3,
  });
  expect(countSegments(`${'ã'.repeat(66)}😀${'ã'.repeat(66)}`)).toMatchObject({
    unitsUsed: 134,
    segments: 3,
  });
});

test('an empty body costs nothing', () => {
  expect(countSegments('')).toMatchObject({ encoding: 'GSM-7', segments: 0, unitsUsed: 0 });
});

test('writing on never makes a text cheaper', () => {
  fc.assert(
    fc.property(text(anyCharacter), text(anyCharacter), (start, more) => {
      expect(countSegments(start + more).segments).toBeGreaterThanOrEqual(countSegments(start).segments);
    }),
  );
});

test('the count is the least that holds all units, or one unit a segment more where nothing may be split', () => {
  fc.assert(
    fc.property(fc.oneof(text(gsmCharacter), text(anyCharacter)), (body) => {
      const { segments, unitsUsed, unitsPerSegment } = countSegments(body);
      expect(segments).toBeGreaterThanOrEqual(Math.ceil(unitsUsed / unitsPerSegment));
      expect(segments).toBeLessThanOrEqual(Math.ceil(unitsUsed / (unitsPerSegment - (segments > 1 ? 1 : 0))));
    }),
  );
});

test('a suggestion keeps the words and loses the typography', () => {
  expect(toGsm7('“It’s 5 – 6 €…”\u00A0ok\u200B')).toEqual({
    body: '"It\'s 5 - 6 €..." ok',
    changes: [
      { from: '“', to: '"', count: 1 },
      { from: '’', to: "'", count: 1 },
      { from: '–', to: '-', count: 1 },
      { from: '…', to: '...', count: 1 },
      { from: '”', to: '"', count: 1 },
      { from: '\u00A0', to: ' ', count: 1 },
      { from: '\u200B', to: '', count: 1 },
    ],
  });
  expect(toGsm7('ｏｋ！').body).toBe('ok!');
  expect(toGsm7('cafe\u0301')).toEqual({ body: 'café', changes: [] });
});

test('no suggestion touches accents, emoji or a text that is cheap already', () => {
  for (const body of ['não… “sim”', 'papá’s', 'gracias 👍…', 'plain {text}', '1½…']) {
    expect(toGsm7(body)).toEqual({ body, changes: [] });
  }
});

test('a suggestion is never dearer in encoding, is stable, and is GSM-7 wherever it changes something', () => {
  const typographic = fc.constantFrom(...'‘’“”«»–—…•\u00A0\u200B\u2028ﬁ™→', 'ｅ', '\u0301');
  fc.assert(
    fc.property(text(fc.oneof(gsmCharacter, gsmCharacter, typographic, anyCharacter)), (body) => {
      const once = toGsm7(body);
      if (once.body !== body) expect(countSegments(once.body).encoding).toBe('GSM-7');
      expect(toGsm7(once.body)).toEqual({ body: once.body, changes: [] });
    }),
  );
  fc.assert(
    fc.property(
      text(fc.oneof(gsmCharacter, fc.constantFrom(...'‘’“”«»–—…•\u00A0\u200B\u2028™→'))),
      (body) => {
        expect(countSegments(toGsm7(body).body).encoding).toBe('GSM-7');
      },
    ),
  );
});
