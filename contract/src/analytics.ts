// What came in and went out by day, and what it was about: figures for pages, and for whoever exports them.
import { z } from 'zod';
import { id, timestamp, timeZone } from './common.ts';
import { intentName, sentimentLabel } from './insights.ts';

/** The last 31 days unless told otherwise, a year at most. */
export const statsQuery = z.object({
  from: timestamp.optional(),
  to: timestamp.optional(),
  /** Whose midnight begins a day. */
  timeZone: timeZone.default('UTC'),
  channelId: id.optional(),
});
export type StatsQuery = z.infer<typeof statsQuery>;

const day = z.iso.date();

function stats<Item extends z.ZodType>(item: Item) {
  return z.object({
    from: timestamp,
    to: timestamp,
    timeZone: z.string(),
    /** Days without any are left out; those that there are come in their order. */
    items: z.array(item),
  });
}

/** Of inbound messages; what members corrected counts as what they said. */
export const intentStats = stats(
  z.object({
    day,
    /** Null: nothing that the workspace has a name for. */
    intent: intentName.nullable(),
    messages: z.int(),
    /** Of these, how many a member said. */
    corrected: z.int(),
  }),
);
export type IntentStats = z.infer<typeof intentStats>;

export const sentimentStats = stats(
  z.object({ day, sentiment: sentimentLabel, messages: z.int(), corrected: z.int() }),
);
export type SentimentStats = z.infer<typeof sentimentStats>;

export const channelStats = stats(
  z.object({
    day,
    channelId: id,
    /** What contacts said. */
    inbound: z.int(),
    /** What went out, by whom it was said. */
    byAssistant: z.int(),
    byMembers: z.int(),
    /** Of what was to go out, what did not arrive. */
    failed: z.int(),
    /** In which somebody said something that day. */
    conversations: z.int(),
  }),
);
export type ChannelStats = z.infer<typeof channelStats>;
