// What two texts have that the other has not, word by word.
export interface Piece {
  readonly text: string;
  readonly isOwn: boolean;
}

/** Longer texts are shown without marks: the table grows with both of them. */
const wordsMax = 400;

/** The first text in pieces: those that the second has too, in the same order, and those that it has not. */
export function ownPieces(text: string, other: string): Piece[] {
  const words = text.match(/\s*\S+/g) ?? [];
  const others = (other.match(/\S+/g) ?? []).map(plain);
  if (words.length === 0) return [];
  if (words.length > wordsMax || others.length > wordsMax) return [{ text, isOwn: false }];
  const shared = sharedWords(words.map(plain), others);
  const pieces: { text: string; isOwn: boolean }[] = [];
  words.forEach((word, at) => {
    const isOwn = !shared.has(at);
    const last = pieces.at(-1);
    if (last?.isOwn === isOwn) last.text += word;
    else pieces.push({ text: word, isOwn });
  });
  return pieces;
}

const plain = (word: string) =>
  word
    .trim()
    .toLocaleLowerCase()
    .replace(/[.,;:!?¿¡]+$/u, '');

/** The places in the first of the longest row of words that both have in the same order. */
function sharedWords(words: readonly string[], others: readonly string[]): ReadonlySet<number> {
  const width = others.length + 1;
  const lengths = new Uint16Array((words.length + 1) * width);
  const lengthAt = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = words.length - 1; row >= 0; row -= 1) {
    for (let column = others.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        words[row] === others[column]
          ? lengthAt(row + 1, column + 1) + 1
          : Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
    }
  }
  const shared = new Set<number>();
  for (let row = 0, column = 0; row < words.length && column < others.length; ) {
    if (words[row] === others[column]) {
      shared.add(row);
      row += 1;
      column += 1;
    } else if (lengthAt(row + 1, column) >= lengthAt(row, column + 1)) row += 1;
    else column += 1;
  }
  return shared;
}
