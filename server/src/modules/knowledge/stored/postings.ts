// Lists of numbered passages as they rest, and the sums of what such lists say about a question.
import { IMPACT_MAX } from '../field.ts';

/** Which passages hold a term, ascending, and how much it says in each. */
export interface PostingList {
  readonly numbers: readonly number[];
  /** 1 to 255, of `IMPACT_MAX`; null where it says the same in all of them. */
  readonly impacts: readonly number[] | null;
}

const plain = 0;
const weighted = 1;
const impactSteps = 255;

export function toImpact(impact: number): number {
  return Math.min(impactSteps, Math.max(1, Math.round((impact / IMPACT_MAX) * impactSteps)));
}

export function fromImpact(step: number): number {
  return (step / impactSteps) * IMPACT_MAX;
}

/**
 * A byte that says whether impacts follow, then for each passage its distance from the one before, seven bits a byte, and
 * its impact.
 * @param base the distance of the first is counted from here
 * @throws RangeError where the numbers do not ascend from there: nobody could read them again
 */
export function encodePostings({ numbers, impacts }: PostingList, base: number): Uint8Array {
  const bytes = new Uint8Array(1 + numbers.length * 6);
  bytes[0] = impacts ? weighted : plain;
  let at = 1;
  let before = base;
  numbers.forEach((number, index) => {
    let distance = number - before;
    if (distance < 0 || (distance === 0 && index > 0))
      throw new RangeError(`passage ${number} comes after ${before}`);
    before = number;
    while (distance > 0x7f) {
      bytes[at] = (distance & 0x7f) | 0x80;
      at += 1;
      distance >>>= 7;
    }
    bytes[at] = distance;
    at += 1;
    if (!impacts) return;
    bytes[at] = impacts[index] ?? 0;
    at += 1;
  });
  return bytes.subarray(0, at);
}

/** Calls back for each passage with its number and impact; `impactSteps` where it says the same in all. */
export function eachPosting(
  bytes: Uint8Array,
  base: number,
  found: (number: number, impact: number) => void,
): void {
  const hasImpacts = bytes[0] === weighted;
  let number = base;
  let at = 1;
  while (at < bytes.length) {
    let byte = bytes[at] ?? 0;
    let distance = byte & 0x7f;
    at += 1;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = bytes[at] ?? 0;
      distance |= (byte & 0x7f) << shift;
      at += 1;
    }
    number += distance;
    if (hasImpacts) {
      found(number, bytes[at] ?? 0);
      at += 1;
    } else found(number, impactSteps);
  }
}

export function hasImpacts(bytes: Uint8Array): boolean {
  return bytes[0] === weighted;
}

const pageBits = 10;
const pageSize = 1 << pageBits;

/** Scores of numbered passages. Only the stretches of numbers that are touched take memory: of old ones most are gone. */
export class Scores {
  readonly #pages = new Map<number, Float64Array>();
  #lastKey = -1;
  #last: Float64Array = new Float64Array(0);

  add(number: number, score: number): void {
    const key = number >>> pageBits;
    if (key !== this.#lastKey) {
      this.#lastKey = key;
      this.#last = this.#pages.get(key) ?? new Float64Array(pageSize);
      this.#pages.set(key, this.#last);
    }
    const at = number & (pageSize - 1);
    this.#last[at] = (this.#last[at] ?? 0) + score;
  }

  /** The numbers with the highest scores above 0, highest first; of equal ones the lowest. */
  best(limit: number): number[] {
    const numbers: number[] = [];
    const scores: number[] = [];
    let lowest = 0;
    for (const key of [...this.#pages.keys()].sort((left, right) => left - right)) {
      const page = this.#pages.get(key) ?? new Float64Array(0);
      for (let at = 0; at < page.length; at += 1) {
        const score = page[at] ?? 0;
        if (score <= lowest) continue;
        let place = scores.length;
        while (place > 0 && (scores[place - 1] ?? 0) < score) place -= 1;
        numbers.splice(place, 0, (key << pageBits) | at);
        scores.splice(place, 0, score);
        if (scores.length > limit) {
          numbers.pop();
          scores.pop();
        }
        if (scores.length === limit) lowest = scores[limit - 1] ?? 0;
      }
    }
    return numbers;
  }
}
