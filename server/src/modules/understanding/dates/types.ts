// What is asked and what is told.
import type { Grain } from './calendar.ts';
import type { DateLanguage } from './grammar.ts';
import type { Part } from './nodes.ts';

export interface DateOptions {
  /** The language of the text; with several, what one reads over more of the text goes before what another reads. */
  readonly languages: readonly DateLanguage[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** IANA name of the zone in which whoever wrote it lives. */
  readonly timeZone: string;
  /** Whether 04/05 is the fourth of May; by default as the language has it. Both readings are given. */
  readonly dayFirst?: boolean;
}

/** A moment on the clock of the zone that was asked for. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly instant: number;
  /** The wall clock there, as YYYY-MM-DDTHH:MM:SS. */
  readonly local: string;
}

export interface DateMention {
  /** The place in the text: [from, to) in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'instant' | 'interval' | 'recurrence' | 'duration';
  /** How finely it was said. */
  readonly grain: Grain;
  /** The instant, or where the interval begins, or the first time of a recurrence; null for a duration and an interval that is open there. */
  readonly start: Moment | null;
  /** Where the interval ends (not part of it), or null. For an instant where its unit ends: midnight after a day. */
  readonly end: Moment | null;
  /** Other moments that the words allow for `start`, likeliest first: 03:00 beside 15:00, the 5th of April beside the 4th of May. */
  readonly alternatives: readonly Moment[];
  /** Recurrence rule of RFC 5545 without its DTSTART, which is `start`. */
  readonly rrule: string | null;
  /** ISO 8601 ("PT1H30M") and its usual number of seconds; null for all but durations. */
  readonly duration: { readonly iso: string; readonly seconds: number } | null;
  /** "morning", "night", …: for whoever would rather choose an hour of their own. */
  readonly part: Part['name'] | null;
  /** Minutes from UTC of a zone that the text names; the moments are in the zone that was asked for all the same. */
  readonly statedOffset: number | null;
  /** From 0 to 1: how surely this is what was meant. */
  readonly confidence: number;
}
