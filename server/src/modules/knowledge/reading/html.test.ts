import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutIntoPassages, type DocumentPart } from '../passages.ts';
import { wordsOf } from '../words.ts';
import { readHtml } from './html.ts';

function partsOf(html: string): DocumentPart[] {
  const parts: DocumentPart[] = [];
  const ignore = () => undefined;
  readHtml(html, {
    part: (part) => parts.push(part),
    title: ignore,
    page: ignore,
    rows: ignore,
    pageFailed: ignore,
  });
  return parts;
}

const shown =
  'p div h1 h2 h6 ul ol li table tr td th tbody b a br span dl dt dd details summary pre blockquote header'.split(
    ' ',
  );
const tag = fc.constantFrom(...shown).chain((name) => fc.constantFrom(`<${name}>`, `</${name}>`));
const word = fc.stringMatching(/^[a-z]{2,8}$/);

test('no word that a page shows is lost, however its tags are muddled', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(tag, word), { maxLength: 60 }), (pieces) => {
      const passages = cutIntoPassages(partsOf(pieces.join(' ')), () => 'en');
      const kept = new Set(passages.flatMap(({ heading, text }) => wordsOf(`${heading ?? ''} ${text}`)));
      expect(pieces.filter((piece) => /^[a-z]/.test(piece) && !kept.has(piece))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('an empty cell leaves its neighbours under their own columns', () => {
  const html =
    '<table><tr><th>Day</th><th>Open</th><th>Close</th></tr><tr><td>Sunday</td><td></td><td>five</td></tr></table>';
  expect(partsOf(html)).toEqual([{ text: 'Day; Open; Close\nDay: Sunday; Close: five' }]);
});
