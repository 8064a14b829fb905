// Whether two questions ask the same: by what they ask for and about, and not by how well one passage would answer both, for
// "may cats come in?" would then go where "may dogs come in?" was dismissed. Pure.
import { contentWordsOf, fold } from '../../knowledge/knowledge.ts';

/** What a question is about, as it is compared. */
export interface Asked {
  /** What is asked for: a price, a time, a yes. */
  readonly kind: string;
  readonly words: ReadonlySet<string>;
  /** Of the words, those that name something: nothing else can stand for them. */
  readonly names: ReadonlySet<string>;
}

const kinds: readonly (readonly [kind: string, asks: RegExp])[] = [
  ['price', /\b(?:how much|costs?|prices?|cuanto|cuesta|precios?|quanto|custa|precos?)\b/],
  ['duration', /\b(?:how long|tardan?|demoran?|tempo|tiempo)\b/],
  ['time', /\b(?:when|what time|hours|cuando|que hora|horarios?|quando|que horas)\b/],
  ['place', /\b(?:where|address|donde|direccion|onde|endereco)\b/],
  ['person', /\b(?:who|whom|quien|quienes|quem)\b/],
  ['reason', /\b(?:why|por que)\b/],
  ['way', /\b(?:how|como)\b/],
  ['which', /\b(?:what|which|que|cual|cuales|qual|quais)\b/],
];

/** Said in one wording and not in another of the same question. */
const general = new Set(
  contentWordsOf(
    `come along bring take allow allowed permit possible accept welcome also still enter inside cost price hours time
     address much long venir traer llevar permitir permiten permitido aceptar aceptan posible entrar tambien cuesta
     precio horario hora direccion vir trazer levar permite permitem aceita aceitam possivel tambem custa preco
     endereco`,
  ),
);

export function readAsked(question: string): Asked {
  const folded = fold(question);
  const words = contentWordsOf(question);
  const telling = words.filter((word) => !general.has(word));
  const named = [...question.matchAll(/(?<=[\p{L}\p{N},] +)\p{Lu}[\p{L}\p{N}]*|\p{N}+/gu)];
  return {
    kind: kinds.find(([, asks]) => asks.test(folded))?.[0] ?? 'whether',
    words: new Set(telling.length > 0 ? telling : words),
    names: new Set(named.flatMap(([name]) => contentWordsOf(name))),
  };
}

/** The same for the same words, in whatever order. */
export const askedKey = ({ kind, words }: Asked): string => [kind, ...[...words].sort()].join(' ');

const sharedMin = 2 / 3;

/** One says what the other does, and little more. */
export function asksTheSame(left: Asked, right: Asked): boolean {
  const [less, more] = left.words.size < right.words.size ? [left, right] : [right, left];
  return (
    left.kind === right.kind &&
    less.words.size >= more.words.size * sharedMin &&
    [...less.words].every((word) => more.words.has(word)) &&
    [...more.names].every((name) => less.words.has(name) || !more.words.has(name))
  );
}
