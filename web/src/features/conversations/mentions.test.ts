import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mentionedIn, openMention, splitMentions, suggestMembers } from './mentions.ts';

const members = [
  { userId: 'ana', name: 'Ana' },
  { userId: 'ana-maria', name: 'Ana María Souza' },
  { userId: 'ben', name: 'Ben' },
];

test('whoever is called by the whole name is mentioned, each once', () => {
  expect(mentionedIn('@ana and @Ana María Souza, @Ben! @Ben?', members)).toEqual(['ana', 'ana-maria', 'ben']);
});

test('the beginning of another word calls nobody, nor does an e-mail address name a stranger', () => {
  expect(mentionedIn('@Anabel, ben, someone@ben.example', members)).toEqual([]);
});

test('a mention is open from its @ to the caret, until it is no name any more', () => {
  expect(openMention('hi @an', 6)).toEqual({ start: 3, words: 'an' });
  expect(openMention('@', 1)).toEqual({ start: 0, words: '' });
  expect(openMention('mail@an', 7)).toBeNull();
  expect(openMention('hi @ana\nnext', 12)).toBeNull();
});

test('members are suggested by any word of their name', () => {
  expect(suggestMembers(members, 'sou').map(({ userId }) => userId)).toEqual(['ana-maria']);
  expect(suggestMembers(members, '')).toHaveLength(3);
});

test('the parts of any text are the text again', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom('@Ana', '@', ' ', '@ben'))), (pieces) => {
      const text = pieces.join('');
      expect(
        splitMentions(text, members)
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
    }),
  );
});
