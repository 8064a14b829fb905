// How a conversation's mood moves, from the sentiment of what its contact writes. Pure: numbers in, numbers out.
import type { Mood } from '@parley/contract/insights';

/** How much the newest message counts against all before it: after three more, little is left of one bad word. */
const NEWEST_SHARE = 0.4;

/**
 * The mood after a message, -1 to 1: exponentially smoothed scores.
 * @param mood that before it; null where there was none
 * @param score of the message, -1 to 1; null for one that says nothing of it
 */
export function moodAfter(mood: number | null, score: number | null): number | null {
  if (score === null) return mood;
  return mood === null ? NEWEST_SHARE * score : mood + NEWEST_SHARE * (score - mood);
}

/** Below this mood, which no first message reaches alone, a contact is angry; above the second one it has calmed down, and can get angry anew. Between them nothing changes. */
const ANGRY_BELOW = -0.4;
const CALM_ABOVE = -0.1;

export interface Anger {
  readonly mood: number | null;
  readonly isAngry: boolean;
}

export const CALM: Anger = { mood: null, isAngry: false };

/** A message more: `hasEscalated` is said once, by the message that makes it so, until the contact has calmed down. */
export function angerAfter(before: Anger, score: number | null): Anger & { readonly hasEscalated: boolean } {
  const mood = moodAfter(before.mood, score);
  if (mood === null || score === null) return { ...before, hasEscalated: false };
  const isAngry = before.isAngry ? mood <= CALM_ABOVE : mood < ANGRY_BELOW;
  return { mood, isAngry, hasEscalated: isAngry && !before.isAngry };
}

const LOW_BELOW = -0.1;
const GOOD_ABOVE = 0.2;

/** In a word; null where nothing that was said tells it. */
export function moodOf({ mood, isAngry }: Anger): Mood | null {
  if (mood === null) return null;
  if (isAngry) return 'angry';
  if (mood < LOW_BELOW) return 'low';
  return mood > GOOD_ABOVE ? 'good' : 'even';
}
