// A bottom-up chart: from words to dates by rules, each position once, with bounds that keep it linear in the text's length.
import type { Duration, Node, Num, Ord, Period, Point, Repetition, Unit, Weekdays, Word } from './nodes.ts';
import type { Token } from './tokens.ts';

/** A node over the tokens [from, to); the span that is shown starts at `core` ("on" and "the" are left out). */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly core: number;
  readonly node: Node;
}

interface Categories {
  NUM: Num;
  ORD: Ord;
  UNIT: Unit;
  DUR: Duration;
  DATE: Point;
  CLOCK: Point;
  PART: Point;
  WHEN: Point;
  PERIOD: Period;
  REPEAT: Repetition;
  DAYS: Weekdays;
}

/** `+X` is glued to what precedes it, `X|Y` is either, `X?` may be missing. */
type NodeOf<P extends string> = P extends `+${infer X}`
  ? NodeOf<X>
  : P extends `${infer X}?`
    ? NodeOf<X> | null
    : P extends `${infer X}|${infer Y}`
      ? NodeOf<X> | NodeOf<Y>
      : P extends keyof Categories
        ? Categories[P]
        : Word;
type NodesOf<P extends string> = P extends `${infer X} ${infer Rest}`
  ? [NodeOf<X>, ...NodesOf<Rest>]
  : [NodeOf<P>];

/** What rules may ask besides the nodes themselves. */
export interface Context {
  /** The wall clock now. */
  readonly now: number;
  readonly isDayFirst: boolean;
  readonly language: 'en' | 'es' | 'pt';
}

type Make = (context: Context, ...nodes: (Node | null)[]) => Node | null;

export interface Rule {
  /** Category names from left to right; glued ones start with '+', absent optional ones are null. */
  readonly items: readonly (string | null)[];
  readonly make: Make;
  /** Whether the first item is left out of the span that is shown. */
  readonly hidesFirst: boolean;
}

/** A rule for each way to read the pattern. `make` gets the context and a node for each item. */
export function rule<const P extends string>(
  pattern: P,
  make: (context: Context, ...nodes: NodesOf<P>) => Node | null,
  hidesFirst = false,
): Rule[] {
  let ways: (string | null)[][] = [[]];
  for (const item of pattern.split(' ')) {
    const isOptional = item.endsWith('?');
    const glue = item.startsWith('+') ? '+' : '';
    const names: (string | null)[] = item
      .slice(glue.length, isOptional ? -1 : undefined)
      .split('|')
      .map((name) => glue + name);
    if (isOptional) names.push(null);
    ways = ways.flatMap((way) => names.map((name) => [...way, name]));
  }
  return ways.map((items) => ({ items, make: make as unknown as Make, hidesFirst }));
}

interface CompiledRule {
  /** Categories by number, from right to left without those that are absent. */
  readonly cats: readonly number[];
  /** Whether the item at the same place is glued to what precedes it. */
  readonly glued: readonly boolean[];
  /** For each parameter of `make` its place in `cats`, -1 for an absent one. */
  readonly places: readonly number[];
  readonly make: Make;
  readonly hidesFirst: boolean;
}

/** At most so many tokens in one date. */
const LONGEST = 24;
/** At most so many readings that end at one token, and that span the same tokens with the same category. */
const MOST_AT_ONE_END = 80;
const MOST_ALIKE = 3;

/** The edges that end at one token, and their categories by number. */
interface End {
  readonly edges: Edge[];
  readonly cats: number[];
}

const NOTHING: End = { edges: [], cats: [] };

export class Grammar {
  readonly #numbers = new Map<string, number>();
  readonly #alone: (CompiledRule[] | undefined)[] = [];
  /** By the number of the last category, then of the one before it. */
  readonly #byLastTwo: ((CompiledRule[] | undefined)[] | undefined)[] = [];

  constructor(rules: readonly Rule[]) {
    for (const { items, make, hidesFirst } of rules) {
      const present = items.filter((item) => item !== null);
      const cats = present.map((item) => this.#number(item.replace('+', ''))).reverse();
      const glued = present.map((item) => item.startsWith('+')).reverse();
      let seen = 0;
      const places = items.map((item) => (item === null ? -1 : present.length - 1 - seen++));
      const compiled = { cats, glued, places, make, hidesFirst };
      const [last, second] = cats as [number, number?];
      if (second === undefined) {
        this.#alone[last] ??= [];
        this.#alone[last].push(compiled);
      } else {
        this.#byLastTwo[last] ??= [];
        const row = this.#byLastTwo[last];
        row[second] ??= [];
        row[second].push(compiled);
      }
    }
  }

  #number(cat: string): number {
    let number = this.#numbers.get(cat);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(cat, number);
    }
    return number;
  }

  /** All edges over the tokens. `given` has the lexicon's by where they end. */
  parse(tokens: readonly Token[], given: readonly (readonly Edge[] | undefined)[], context: Context): Edge[] {
    const ends: (End | undefined)[] = new Array(tokens.length + 1);
    const chosen: Edge[] = [];
    const all: Edge[] = [];
    for (let at = 0; at < given.length; at++) {
      const words = given[at];
      if (words === undefined) continue;
      const end: End = { edges: [], cats: [] };
      ends[at] = end;
      for (const edge of words) this.#add(edge, end);
      // The list grows while it is read: what a rule makes here may be the last item of another.
      for (let index = 0; index < end.edges.length && end.edges.length < MOST_AT_ONE_END; index++) {
        const edge = end.edges[index] as Edge;
        const cat = end.cats[index] as number;
        chosen[0] = edge;
        const alone = this.#alone[cat];
        if (alone !== undefined) for (const compiled of alone) this.#make(compiled, chosen, 1, end, context);
        const row = this.#byLastTwo[cat];
        if (row === undefined) continue;
        const before = ends[edge.from] ?? NOTHING;
        for (let left = 0; left < before.edges.length; left++) {
          const rules = row[before.cats[left] as number];
          if (rules === undefined) continue;
          const second = before.edges[left] as Edge;
          if (edge.to - second.from > LONGEST) continue;
          chosen[1] = second;
          const isGlued = tokens[edge.from]?.isGlued === true;
          for (const compiled of rules) {
            if (compiled.glued[0] && !isGlued) continue;
            if (compiled.cats.length === 2) this.#make(compiled, chosen, 2, end, context);
            else this.#match(compiled, 2, chosen, tokens, ends, end, context);
          }
        }
      }
      for (const edge of end.edges) all.push(edge);
    }
    return all;
  }

  #add(edge: Edge, end: End): void {
    const number = this.#number(edge.node.cat);
    const { edges, cats } = end;
    let alike = 0;
    for (let index = 0; index < edges.length; index++) {
      if (cats[index] !== number) continue;
      const other = edges[index] as Edge;
      if (other.from === edge.from && (isAlike(other.node, edge.node) || ++alike >= MOST_ALIKE)) return;
    }
    edges.push(edge);
    cats.push(number);
  }

  #make(compiled: CompiledRule, chosen: readonly Edge[], count: number, end: End, context: Context): void {
    const { places, make } = compiled;
    const nodes: (Node | null)[] = [];
    for (let place = 0; place < places.length; place++) {
      const at = places[place] as number;
      nodes.push(at < 0 ? null : (chosen[at] as Edge).node);
    }
    const node = make(context, ...nodes);
    if (node === null) return;
    const first = chosen[count - 1] as Edge;
    const core = compiled.hidesFirst && count > 1 ? (chosen[count - 2] as Edge).core : first.core;
    this.#add({ from: first.from, to: (chosen[0] as Edge).to, core, node }, end);
  }

  #match(
    compiled: CompiledRule,
    place: number,
    chosen: Edge[],
    tokens: readonly Token[],
    ends: readonly (End | undefined)[],
    end: End,
    context: Context,
  ): void {
    if (place === compiled.cats.length) {
      this.#make(compiled, chosen, place, end, context);
      return;
    }
    const { from } = chosen[place - 1] as Edge;
    if (compiled.glued[place - 1] && !tokens[from]?.isGlued) return;
    const wanted = compiled.cats[place];
    const { edges, cats } = ends[from] ?? NOTHING;
    const last = (chosen[0] as Edge).to;
    for (let index = 0; index < edges.length; index++) {
      if (cats[index] !== wanted) continue;
      const edge = edges[index] as Edge;
      if (last - edge.from > LONGEST) continue;
      chosen[place] = edge;
      this.#match(compiled, place + 1, chosen, tokens, ends, end, context);
    }
  }
}

/** Whether two points over the same words say the same, as (a b) c and a (b c) do. */
function isAlike(a: Node, b: Node): boolean {
  if (!('has' in a && 'has' in b)) return false;
  return (
    a.has === b.has &&
    a.grain === b.grain &&
    a.strength === b.strength &&
    a.isFixed === b.isFixed &&
    a.isSpan === b.isSpan &&
    a.countedIn === b.countedIn
  );
}
