// Passages that look like a language to whoever counts words: a vocabulary of 60,000 by Zipf's law, its most frequent words
// those of English sentences, and questions that are asked in the words of one passage.
import { seededRandom } from './random.ts';

const vocabularySize = 60_000;
const frequent =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first then do any like my now over such our man me even most made after also did many off before must well back through years where much your way'.split(
    ' ',
  );
const syllables =
  'ba be bi bo ca ce co cu da de di do fa fe fi fo ga ge go ha he ho la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo bra cre dri flo gra pla pre pro sta ste sti stra tra tre'.split(
    ' ',
  );
const endings = ['', '', 'n', 's', 'r', 'l', 'tion', 'ment', 'ing', 'ed', 'er', 'ly'];

export interface SyntheticPassage {
  readonly heading: string;
  readonly text: string;
}

export class SyntheticText {
  readonly #random: () => number;
  readonly #words: string[];
  /** By rank: the share of all words up to it. */
  readonly #shares: Float64Array;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const words = new Set(frequent);
    while (words.size < vocabularySize) {
      const length = 2 + Math.floor(this.#random() * 3);
      let word = '';
      for (let at = 0; at < length; at += 1) word += this.#pick(syllables);
      words.add(word + this.#pick(endings));
    }
    this.#words = [...words];
    this.#shares = new Float64Array(vocabularySize);
    let sum = 0;
    this.#words.forEach((_, rank) => {
      sum += 1 / (rank + 2.7);
      this.#shares[rank] = sum;
    });
    this.#shares.forEach((share, rank) => {
      this.#shares[rank] = share / sum;
    });
  }

  /** Some 500 characters under a heading of three words. */
  passage(): SyntheticPassage {
    let text = '';
    while (text.length < 480) {
      const sentence = Array.from({ length: 8 + Math.floor(this.#random() * 10) }, () => this.#word());
      text += `${sentence.join(' ').replace(/^./, (letter) => letter.toUpperCase())}. `;
    }
    return { heading: [this.#word(), this.#word(), this.#word()].join(' '), text: text.trim().slice(0, 560) };
  }

  /** Five words of a passage in a question; of one in eight, a word is misspelt. */
  question({ text }: SyntheticPassage): string {
    const words = text
      .toLowerCase()
      .replace(/\./g, '')
      .split(' ')
      .filter((word) => word.length > 4 && !frequent.includes(word));
    const asked = Array.from({ length: 5 }, () => this.#pick(words));
    if (this.#random() < 1 / 8) asked[0] = (asked[0] ?? '').replace(/(..)(.)(.)/, '$1$3$2');
    return `What is it about ${asked.slice(0, 3).join(' ')} and the ${asked.slice(3).join(' ')}?`;
  }

  #pick(from: readonly string[]): string {
    return from[Math.floor(this.#random() * from.length)] ?? '';
  }

  #word(): string {
    const wanted = this.#random();
    let low = 0;
    let high = this.#shares.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#shares[middle] ?? 1) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#words[low] ?? '';
  }
}
