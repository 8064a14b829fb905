// How a workspace's messages were read by one model: counted from the insights, and kept. Labels and figures, no content.
import type { ReadPeriod } from '@parley/contract/intent-drift';
import { z } from 'zod';
import type { TransactionContext } from '../../../core/context.ts';
import { type Judgement, type Reading, readingFromSums } from '../../../learning/drift.ts';

export const storedReadingShape = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  counts: z.array(z.tuple([z.string().nullable(), z.int()])),
  confidence: z.number(),
  confidenceVariance: z.number(),
});
export type StoredReading = z.infer<typeof storedReadingShape>;

export function storedReading(
  { counts, confidence, confidenceVariance }: Reading,
  { from, to }: { readonly from: string; readonly to: string },
): StoredReading {
  return { from, to, counts: [...counts], confidence, confidenceVariance };
}

export function toReading({ counts, confidence, confidenceVariance }: StoredReading): Reading {
  return {
    counts: new Map(counts),
    messages: counts.reduce((sum, [, count]) => sum + count, 0),
    confidence,
    confidenceVariance,
  };
}

export const toPeriod = (stored: StoredReading): ReadPeriod => ({
  from: stored.from,
  to: stored.to,
  messages: toReading(stored).messages,
  confidence: stored.confidence,
});

interface CountRow {
  readonly intent: string | null;
  readonly messages: number;
  readonly sum: number;
  readonly squares: number;
  readonly from: Date | string;
  readonly to: Date | string;
}

const counted = `intent, count(*)::int as messages, sum(intent_confidence::float8) as sum,
  sum(intent_confidence::float8 * intent_confidence::float8) as squares, min(created_at) as from, max(created_at) as to`;

function readingOfRows(rows: readonly CountRow[]): StoredReading | null {
  if (rows.length === 0) return null;
  const total = (of: (row: CountRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const moments = (of: (row: CountRow) => Date | string) => rows.map((row) => new Date(of(row)).getTime());
  const reading = readingFromSums(
    new Map(rows.map(({ intent, messages }) => [intent, messages])),
    total(({ sum }) => sum),
    total(({ squares }) => squares),
  );
  return storedReading(reading, {
    from: new Date(Math.min(...moments(({ from }) => from))).toISOString(),
    to: new Date(Math.max(...moments(({ to }) => to))).toISOString(),
  });
}

const dayMs = 86_400_000;
const firstDays = 14;
const recentDays = 7;
const recentDaysMax = 28;
/** Fewer say nothing of how messages are mixed. */
export const referenceMin = 200;
const recentMin = 100;

/**
 * The first weeks of a model: fourteen days from its first message on, and more where those had few.
 * Null while they are not over.
 * @param since when it was promoted; null: always
 */
export async function readReference(
  tx: TransactionContext,
  model: string,
  since: Date | null,
): Promise<StoredReading | null> {
  const [end] = await tx.sql<{ end: Date | string | null }>(
    `with used as (
       select created_at from insights
       where workspace_id = $1 and intent_model = $2 and ($3::timestamptz is null or created_at >= $3)
     )
     select greatest((select min(created_at) from used) + $4 * interval '1 day',
       (select created_at from used order by created_at offset $5 limit 1)) as end
     where exists (select 1 from used offset $5)`,
    [tx.workspaceId, model, since, firstDays, referenceMin - 1],
  );
  if (!end?.end || new Date(end.end) > tx.clock.date()) return null;
  return readingOfRows(
    await tx.sql<CountRow>(
      `select ${counted} from insights where workspace_id = $1 and intent_model = $2
         and ($3::timestamptz is null or created_at >= $3) and created_at <= $4
       group by intent`,
      [tx.workspaceId, model, since, new Date(end.end)],
    ),
  );
}

/** The last week, and up to four where it had few messages. Null where even those have too few. */
export async function readRecent(
  tx: TransactionContext,
  model: string,
  after: Date | null,
): Promise<StoredReading | null> {
  const now = tx.clock.now();
  const from = new Date(Math.max(now - recentDaysMax * dayMs, after ? after.getTime() + 1 : 0));
  const [start] = await tx.sql<{ start: Date | string }>(
    `select least(greatest($3, $4::timestamptz), created_at) as start from insights
     where workspace_id = $1 and intent_model = $2 and created_at >= $3
     order by created_at desc offset $5 limit 1`,
    [tx.workspaceId, model, from, new Date(now - recentDays * dayMs), recentMin - 1],
  );
  if (!start) return null;
  return readingOfRows(
    await tx.sql<CountRow>(
      `select ${counted} from insights where workspace_id = $1 and intent_model = $2 and created_at >= $3
       group by intent`,
      [tx.workspaceId, model, new Date(start.start)],
    ),
  );
}

/** Enough to know how often members correct. */
const judgedMax = 5_000;

/**
 * Of the messages of four weeks, those that members looked at: they have read the conversation, or said something of the message.
 * And of these, those that they said to want something else.
 */
export async function readJudgement(tx: TransactionContext, model: string): Promise<Judgement> {
  const [row] = await tx.sql<Judgement>(
    `select count(*) filter (where corrected or is_read)::int as "lookedAt",
       count(*) filter (where is_wrong)::int as corrected
     from (
       select position('1' in c.read_by::text) > 0 as is_read,
         exists (select 1 from insight_corrections k where k.message_id = i.message_id) as corrected,
         exists (select 1 from insight_corrections k where k.message_id = i.message_id and k.field = 'intent'
           and k.value is distinct from i.intent) as is_wrong
       from insights i join messages m on m.id = i.message_id join conversations c on c.id = m.conversation_id
       where i.workspace_id = $1 and i.intent_model = $2 and i.created_at >= $3
       order by i.created_at desc limit ${judgedMax}
     ) judged`,
    [tx.workspaceId, model, new Date(tx.clock.now() - recentDaysMax * dayMs)],
  );
  return row ?? { lookedAt: 0, corrected: 0 };
}
