// A language's words as the grammar sees them: what each word or phrase may be, found from its first word.

import { GRAINS, type Grain } from './calendar.ts';
import { HAS, type Node, type Part, point, type Strength } from './nodes.ts';
import { months, weekdays } from './series.ts';
import { tokenize } from './tokens.ts';

/** Alternatives are separated by '|', the words of a phrase by spaces. After '?' a word says a date by itself only when it is the whole text, after '??' never, and after '!' not even with others. */
export interface LanguageWords {
  readonly months: readonly string[];
  /** From Monday. */
  readonly weekdays: readonly string[];
  /** From Monday, "mondays". */
  readonly pluralWeekdays: readonly string[];
  readonly units: Readonly<
    Partial<
      Record<Grain | 'fortnight' | 'decade' | 'century' | 'workday' | 'weekend' | 'night' | 'half', string>
    >
  >;
  readonly parts: readonly (readonly [Part, string])[];
  /** Word classes with their value: [class, value, words]. */
  readonly classes: readonly (readonly [string, number, string])[];
  readonly ordinals: readonly (readonly [number, string])[];
  /** Glued to digits: "1st", "2do". */
  readonly ordinalEndings: string;
  /** Number words under a hundred; the first of each is the one with which it is said. */
  readonly numbers: readonly (readonly [number, string])[];
  /** Between tens and units, and after hundreds: "y", "e", "and". */
  readonly numberJoint: string;
  readonly hundred: string;
  readonly thousand: string;
  readonly articles: string;
  readonly vague: readonly (readonly [number, string])[];
}

export interface Phrase {
  readonly words: readonly string[];
  /** Whether it counts only when the text has no other word: too short to be told from others. */
  readonly isAlone: boolean;
  readonly nodes: readonly Node[];
}

export interface Lexicon {
  /** By first word, longest phrases first. */
  readonly phrases: ReadonlyMap<string, readonly Phrase[]>;
  readonly words: LanguageWords;
  readonly cardinals: ReadonlyMap<string, number>;
  readonly ordinals: ReadonlyMap<string, number>;
  readonly ordinalEndings: ReadonlySet<string>;
  readonly joints: ReadonlySet<string>;
  readonly months: ReadonlyMap<string, number>;
  readonly hundreds: ReadonlySet<string>;
  readonly thousands: ReadonlySet<string>;
}

export const ALTERNATIVES = /\s*\|\s*/;

export function buildLexicon(words: LanguageWords, holidays: readonly (readonly [string, Node])[]): Lexicon {
  const phrases = new Map<string, Phrase[]>();
  const put = (list: string, make: (strength: Strength) => Node | readonly Node[]) => {
    for (const written of list.split(ALTERNATIVES)) {
      if (written === '') continue;
      const strength = written.startsWith('??') ? 0 : /^[?!]/.test(written) ? 1 : 2;
      const isAlone = written.startsWith('!');
      const split = tokenize(written.replace(/^[?!]+/, '')).map((token) => token.accented);
      const made = make(strength);
      const nodes = Array.isArray(made) ? (made as readonly Node[]) : [made as Node];
      const first = split[0] as string;
      const known = phrases.get(first) ?? [];
      phrases.set(first, known);
      const same = known.findIndex((phrase) => phrase.words.join(' ') === split.join(' '));
      if (same >= 0)
        known[same] = { words: split, isAlone, nodes: [...(known[same] as Phrase).nodes, ...nodes] };
      else known.push({ words: split, nodes, isAlone });
    }
  };
  words.months.forEach((list, index) => {
    const days = months(index + 1);
    put(list, (strength) => point({ strength, has: HAS.month, grain: 'month', days }));
  });
  words.weekdays.forEach((list, index) => {
    const days = weekdays(index + 1);
    put(list, (strength) => [
      point({ strength, has: HAS.weekday, grain: 'day', days }),
      { cat: 'DAYS', days: [index + 1], isPlural: false },
    ]);
  });
  words.pluralWeekdays.forEach((list, index) => {
    put(list, () => ({ cat: 'DAYS', days: [index + 1], isPlural: true }));
  });
  const unit = (
    grain: Grain,
    times: number,
    list: string | undefined,
    special: 'workday' | 'weekend' | 'night' | null = null,
  ) => {
    for (const word of (list ?? '').split(ALTERNATIVES)) {
      put(word, () => ({
        cat: 'UNIT',
        grain,
        times,
        special: special ?? (word.length === 1 && word !== 'h' ? 'letter' : null),
      }));
    }
  };
  for (const grain of GRAINS) unit(grain, 1, words.units[grain]);
  unit('day', 14, words.units.fortnight);
  unit('month', 6, words.units.half);
  unit('year', 10, words.units.decade);
  unit('year', 100, words.units.century);
  unit('day', 1, words.units.workday, 'workday');
  unit('week', 1, words.units.weekend, 'weekend');
  unit('day', 1, words.units.night, 'night');
  for (const [part, list] of words.parts) {
    put(list, (strength) =>
      point({ cat: 'PART', strength, has: HAS.part, grain: 'hour', part, isSpan: true }),
    );
  }
  for (const [cat, value, list] of words.classes) put(list, () => ({ cat, value }));
  for (const [value, list] of words.ordinals) {
    const phrases = list.split(ALTERNATIVES).filter((word) => word.includes(' '));
    put(phrases.join('|'), () => ({ cat: 'ORD', value, isWord: true }));
  }
  put(words.articles, () => ({ cat: 'NUM', value: 1, digits: 0, isArticle: true, isVague: false }));
  for (const [value, list] of words.vague) {
    put(list, () => ({ cat: 'NUM', value, digits: 0, isArticle: false, isVague: true }));
  }
  for (const [name, node] of holidays) put(name, () => node);
  for (const list of phrases.values()) list.sort((a, b) => b.words.length - a.words.length);
  const map = (pairs: readonly (readonly [number, string])[]) =>
    new Map(pairs.flatMap(([value, list]) => list.split(ALTERNATIVES).map((word) => [word, value] as const)));
  return {
    phrases,
    words,
    cardinals: map(words.numbers),
    ordinals: map(words.ordinals),
    ordinalEndings: new Set(words.ordinalEndings.split(ALTERNATIVES)),
    joints: new Set(words.numberJoint.split(ALTERNATIVES)),
    months: new Map(
      words.months.flatMap((list, index) =>
        list
          .split(ALTERNATIVES)
          .map((word) => [tokenize(word.replace(/^[?!]+/, ''))[0]?.text ?? '', index + 1] as const),
      ),
    ),
    hundreds: new Set(words.hundred.split(ALTERNATIVES)),
    thousands: new Set(words.thousand.split(ALTERNATIVES)),
  };
}
