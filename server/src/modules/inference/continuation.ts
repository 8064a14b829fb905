// How an answer that was cut off goes on with another model: nothing that was said is said again. Pure.
//
// What goes out ends at the end of a word, because the rest of a word cannot be asked for; and what another model writes is
// held back as long as it may be a repetition of what was said.

/** Something without spaces is no word any more. */
const wordLengthMax = 40;

/** Lets whole words through. What is left in it when a model fails is dropped, and never was said. */
export class WordGate {
  #held = '';

  take(piece: string): string {
    const text = this.#held + piece;
    const end = lastBreak(text);
    const cut = text.length - end > wordLengthMax ? text.length : end;
    this.#held = text.slice(cut);
    return text.slice(0, cut);
  }

  /** The beginning of the next word. */
  get held(): string {
    return this.#held;
  }

  /** The answer is complete: its last word too. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }
}

/** Behind the last white space; 0 where there is none. */
function lastBreak(text: string): number {
  for (let at = text.length; at > 0; at -= 1) if (/\s/.test(text[at - 1] ?? '')) return at;
  return 0;
}

/** Trims from a continuation what it repeats of the text that it continues: its end, or the whole of it. */
export class OverlapTrimmer {
  readonly #said: string;
  readonly #endsOpen: boolean;
  #held = '';
  #decided = false;

  constructor(said: string) {
    this.#said = said.trimEnd();
    this.#endsOpen = this.#said.length === said.length && said !== '';
  }

  take(piece: string): string {
    if (this.#decided) return piece;
    this.#held += piece;
    const text = this.#held.trimStart();
    // While all of it stands somewhere in what was said, it may go on as that did.
    if (text === '' || this.#said.includes(text)) return '';
    return this.#decide(text);
  }

  /** The continuation has come to its end. */
  end(): string {
    return this.#decided ? '' : this.#decide(this.#held.trimStart());
  }

  #decide(text: string): string {
    this.#decided = true;
    const repeated = overlapOf(this.#said, text, this.#endsOpen);
    const rest = text.slice(repeated);
    if (this.#endsOpen) return repeated === 0 && /^[\p{L}\p{N}]/u.test(rest) ? ` ${rest}` : rest;
    return repeated > 0 ? rest.trimStart() : rest;
  }
}

const isOfWord = (character: string | undefined) =>
  character !== undefined && /[\p{L}\p{N}]/u.test(character);

/**
 * The length of the longest beginning of `text` with which `said` ends, from the beginning of a word to the end of one.
 * @param endsOpen the last word may be half of one.
 */
export function overlapOf(said: string, text: string, endsOpen = false): number {
  for (let length = Math.min(said.length, text.length); length > 0; length -= 1) {
    const at = said.length - length;
    const beginning = text.slice(0, length);
    if (!said.endsWith(beginning) || !/[\p{L}\p{N}]/u.test(beginning)) continue;
    const splitsFirst = at > 0 && isOfWord(said[at - 1]) && isOfWord(said[at]);
    const splitsLast = isOfWord(text[length - 1]) && isOfWord(text[length]);
    if (!splitsFirst && (endsOpen || !splitsLast)) return length;
  }
  return 0;
}

/** Asks another model to go on; a message of the user, because some models take instructions only at the beginning. */
export function continuing(messages: readonly object[], said: string): object[] {
  return [
    ...messages,
    { role: 'assistant', content: said },
    {
      role: 'user',
      content:
        'Your answer was cut off where it ends. Continue it from exactly there, in the same language and form. ' +
        'Do not repeat any of it, do not comment on this, and begin with the next word.',
    },
  ];
}
