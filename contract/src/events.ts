// The workspace's event log as it is read over HTTP.
import { z } from 'zod';
import { actor, id, timestamp } from './common.ts';

export const event = z.object({
  /** Its place in the log: rises with every event, and never changes. */
  sequence: z.int().positive(),
  id,
  /** `noun.past_participle`. */
  type: z.string(),
  /** Ids, states and figures; never content. */
  payload: z.record(z.string(), z.unknown()),
  actor,
  /** The request, or the webhook call, that it goes back to. */
  requestId: z.string(),
  occurredAt: timestamp,
});
export type Event = z.infer<typeof event>;

export const eventQuery = z.object({
  /** The sequence that was read last; 0 starts at the beginning. */
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export type EventQuery = z.infer<typeof eventQuery>;

export const eventPage = z.object({
  /** In the order of their sequence. */
  items: z.array(event),
  /** What to send as `after` next time, also when nothing was new. */
  nextAfter: z.int().min(0),
  /** Whether there is more to read at once. */
  more: z.boolean(),
});
export type EventPage = z.infer<typeof eventPage>;
