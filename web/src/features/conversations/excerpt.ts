// Shows why something was found: the part of a text around the words, and the words marked. The server finds by word stems,
// so what is marked here is a help to the eye and no proof. Pure.

const contextLength = 40;

/** Lower case without accents, one character for one, so that places stay places. */
function fold(text: string): string {
  return [...text]
    .map((character) => {
      const folded = character.normalize('NFD').charAt(0).toLowerCase();
      return folded.length === character.length ? folded : character;
    })
    .join('');
}

/** Beginnings long enough to meet other inflections of the same word. */
function stemsOf(words: string): string[] {
  return fold(words)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1)
    .map((word) => (word.length > 5 ? word.slice(0, Math.ceil(word.length * 0.7)) : word));
}

export interface MarkedPart {
  readonly text: string;
  readonly isFound: boolean;
}

/** The text in parts; joined they are the text again. A word is marked as a whole where it begins like one searched. */
export function markWords(text: string, words: string): MarkedPart[] {
  const stems = stemsOf(words);
  const folded = fold(text);
  if (folded.length !== text.length) return [{ text, isFound: false }];
  return [...folded.matchAll(/[\p{L}\p{N}]+|[^\p{L}\p{N}]+/gu)].map((match) => ({
    text: text.slice(match.index, match.index + match[0].length),
    isFound: stems.some((stem) => match[0].startsWith(stem)),
  }));
}

/** One line of the text that has the first word in it. */
export function excerptAround(text: string, words: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const parts = markWords(line, words);
  const found = parts.findIndex(({ isFound }) => isFound);
  const at = parts.slice(0, found === -1 ? 0 : found).reduce((length, part) => length + part.text.length, 0);
  if (at <= contextLength) return line;
  const start = line.indexOf(' ', at - contextLength);
  return `…${line.slice(start === -1 || start > at ? at : start)}`;
}
