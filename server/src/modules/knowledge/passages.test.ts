import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutIntoPassages, PASSAGE_LENGTH_MAX } from './passages.ts';
import { wordsOf } from './words.ts';

const cut = (source: string) =>
  cutIntoPassages(source, () => 'en').map(({ heading, text }) => [heading, text] as const);

test('Markdown headings stand above what they speak of', () => {
  const source = `# Sunrise Coffee
We are a small shop.

## Delivery ##
We deliver within 5 km.
### Cost
It is **free** above [$30](https://example.com/prices).

Parking
=======
Behind the shop.`;
  expect(cut(source)).toEqual([
    ['Sunrise Coffee', 'We are a small shop.'],
    ['Sunrise Coffee › Delivery', 'We deliver within 5 km.'],
    ['Delivery › Cost', 'It is free above $30 (https://example.com/prices).'],
    ['Parking', 'Behind the shop.'],
  ]);
});

test('a Q/A pair is one passage with its question as heading, however it is labelled', () => {
  for (const source of [
    'Q: Do you deliver?\nA: Yes.\nWithin 5 km.',
    'Q1. Do you deliver?\n\nA1. Yes.\nWithin 5 km.',
    '**Question:** Do you deliver?\n**Answer:** Yes.\nWithin 5 km.',
    '- Pregunta: Do you deliver?\n- Respuesta: Yes.\nWithin 5 km.',
    'Do you deliver?\nYes.\nWithin 5 km.',
    '## Do you deliver?\n\nYes.\nWithin 5 km.',
  ]) {
    expect(cut(source), source).toEqual([['Do you deliver?', 'Yes.\nWithin 5 km.']]);
  }
  expect(cut('Q: Do you deliver? A: Yes.\nQ: Until when? A: Until six.')).toEqual([
    ['Do you deliver?', 'Yes.'],
    ['Until when?', 'Until six.'],
  ]);
});

test('questions take the name of a section made of questions, not of one that had its own text', () => {
  expect(cut('## Delivery\nQ: How long?\nA: Two days.\n\nQ: How much?\nA: $3.')).toEqual([
    ['Delivery › How long?', 'Two days.'],
    ['Delivery › How much?', '$3.'],
  ]);
  expect(cut('## Address\n14 Quay Street\n\nQ: Do you deliver?\nA: Yes.')).toEqual([
    ['Address', '14 Quay Street'],
    ['Do you deliver?', 'Yes.'],
  ]);
});

test('a question speaks only for what follows at once, a heading for all until the next', () => {
  expect(cut('Where are you?\n\n12 Main Street\n\nWe like dogs.')).toEqual([
    ['Where are you?', '12 Main Street'],
    [null, 'We like dogs.'],
  ]);
  expect(cut('**Parking**\n\nBehind the shop.\n\nTwo hours at most.')).toEqual([
    ['Parking', 'Behind the shop.'],
    ['Parking', 'Two hours at most.'],
  ]);
});

test('lines under a heading stay together, facts that stand alone are passages of their own', () => {
  expect(cut('Opening hours:\nMonday: 9-18\nSunday: closed')).toEqual([
    ['Opening hours', 'Monday: 9-18\nSunday: closed'],
  ]);
  expect(cut('Phone: 555 1234\nEmail: hi@example.com')).toEqual([
    [null, 'Phone: 555 1234'],
    [null, 'Email: hi@example.com'],
  ]);
  expect(cut('We accept:\n\n* cash\n* cards')).toEqual([[null, 'We accept:\n- cash\n- cards']]);
});

test('what is no heading stays text: abbreviations, sentences, a last question, a lone title', () => {
  expect(cut('P. O. Box 12\nSpringfield')).toEqual([[null, 'P. O. Box 12\nSpringfield']]);
  expect(cut('Write to us. Any questions?')).toEqual([[null, 'Write to us. Any questions?']]);
  expect(cut('# Closed on Mondays')).toEqual([[null, 'Closed on Mondays']]);
  expect(cut('')).toEqual([]);
  expect(cut(' \n---\n\n')).toEqual([]);
});

test('lines that an editor broke for width are joined, short lines are not', () => {
  expect(
    cut(
      'This line was broken by an editor in the very middle\nof its sentence, as mail programs do.\n12 Main Street',
    ),
  ).toEqual([
    [
      null,
      'This line was broken by an editor in the very middle of its sentence, as mail programs do.\n12 Main Street',
    ],
  ]);
});

test('the same text gives the same ids, and no passage comes twice', () => {
  const source = 'Do you deliver?\nYes.\n\nDo you deliver?\nYes.\n\nDo you ship?\nYes.';
  const first = cutIntoPassages(source, () => 'en');
  expect(first).toHaveLength(2);
  expect(new Set(first.map(({ id }) => id)).size).toBe(2);
  expect(cutIntoPassages(source, () => 'en')).toEqual(first);
});

test('a passage carries the language that its heading and text are told to be in', () => {
  const passages = cutIntoPassages('¿Dónde?\nCalle Mayor 1', (text) =>
    text.includes('¿Dónde?') ? 'es' : 'en',
  );
  expect(passages.map(({ language }) => language)).toEqual(['es']);
});

const line = fc.oneof(
  fc.lorem({ mode: 'sentences', maxCount: 3 }),
  fc.lorem({ maxCount: 4 }).map((words) => `- ${words}`),
  fc.lorem({ maxCount: 3 }).map((words) => `## ${words}`),
  fc.lorem({ maxCount: 3 }).map((words) => `${words}?`),
  fc.lorem({ maxCount: 3 }).map((words) => `Note: ${words}`),
  fc.lorem({ maxCount: 120 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }).map((unit) => unit.repeat(160)),
  fc.constant(''),
);
const source = fc.array(line, { maxLength: 20 }).map((lines) => lines.join('\n'));

test('no passage is empty or longer than allowed, whatever is pasted', () => {
  fc.assert(
    fc.property(fc.oneof(source, fc.string({ unit: 'binary', maxLength: 2000 })), (pasted) => {
      for (const { text } of cutIntoPassages(pasted, () => 'en')) {
        expect(text.trim()).not.toBe('');
        expect(text.length).toBeLessThanOrEqual(PASSAGE_LENGTH_MAX);
        expect(text.isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('no word of the text is lost', () => {
  const plainLine = fc.oneof(
    fc.lorem({ mode: 'sentences', maxCount: 3 }),
    fc.lorem({ maxCount: 4 }).map((words) => `- ${words}`),
    fc.lorem({ maxCount: 3 }).map((words) => `# ${words}`),
    fc.lorem({ maxCount: 3 }).map((words) => `${words}?`),
    fc.lorem({ maxCount: 120 }),
    fc.constant(''),
  );
  fc.assert(
    fc.property(fc.array(plainLine, { maxLength: 20 }), (lines) => {
      const passages = cutIntoPassages(lines.join('\n'), () => 'en');
      const kept = new Set(
        wordsOf(
          passages
            .map(({ heading, text }) => `${heading} ${text}`)
            .join('\n')
            .toLowerCase(),
        ),
      );
      expect(wordsOf(lines.join('\n').toLowerCase()).filter((word) => !kept.has(word))).toEqual([]);
    }),
  );
});

test('text that is made to be slow is cut like any other', () => {
  for (const unit of [
    '[',
    '](',
    '# ',
    ' ',
    '*',
    '-',
    'Q: ',
    'A: ',
    '?\n',
    '\n\n',
    'a:\n',
    '- a:\n\n',
    'a: b\n',
    '# a\n',
  ]) {
    for (const { text } of cutIntoPassages(`# x${unit.repeat(20_000)}y`, () => 'en')) {
      expect(text.length).toBeLessThanOrEqual(PASSAGE_LENGTH_MAX);
    }
  }
});

test('a long question above its answer is a question, and its answer stands alone', () => {
  const [passage] = cutIntoPassages(
    'What about allergies? Which products contain nuts, milk or eggs, and which do not?\nCroissants contain milk and eggs.\n\nDo you deliver?\nYes.',
    () => 'en',
  );
  expect(passage?.text).toBe('Croissants contain milk and eggs.');
});
