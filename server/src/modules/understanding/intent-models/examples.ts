// What a model of intents learns from: what comes with Parley, what members wrote, and what they said of messages.
import type { IntentModelData } from '@parley/contract/intent-models';
import type { Context, TransactionContext } from '../../../core/context.ts';
import type { IntentExample } from '../../../learning/intent-training.ts';
import { openMessage } from '../../conversations/conversations.ts';
import { examplePlace, readIntents } from '../intents.ts';
import { starterExamples } from '../starter-intents/starter-intents.ts';

/** Of messages that were corrected, the newest are learned from. */
const correctionsMax = 20_000;
/** Opened in one go, in a few milliseconds. */
const pageSize = 500;

export interface Examples {
  readonly examples: readonly IntentExample[];
  readonly counts: Pick<IntentModelData, 'starter' | 'written' | 'corrected' | 'intents'>;
}

/**
 * As of a moment: who asks for those of the same moment again gets the same, less what was changed since. Of the intents that are
 * enabled; a message that is about none of them teaches what is none. Read page by page, so that nobody waits for all of it.
 * @throws CryptoError
 */
export async function collectExamples(ctx: Context, until: Date): Promise<Examples> {
  const intents = await ctx.transaction(readIntents);
  const enabled = new Set(intents.flatMap((intent) => (intent.enabled ? [intent.name] : [])));
  const isLearned = (label: string | null) => label === null || enabled.has(label);
  const starter = starterExamples().filter(({ label }) => isLearned(label));
  const written = await pageByPage<Found>(ctx, Number.POSITIVE_INFINITY, (tx, after) =>
    readWritten(tx, until, after),
  );
  const corrected = await pageByPage<Found>(ctx, correctionsMax, (tx, after) =>
    readCorrected(tx, until, after),
  );
  const [learnedWritten, learnedCorrected] = [written, corrected].map((examples) =>
    examples.filter(({ label }) => isLearned(label)),
  ) as [Found[], Found[]];
  const examples = [...starter, ...learnedWritten, ...learnedCorrected].map(({ text, label }) => ({
    text,
    label,
  }));
  return {
    examples,
    counts: {
      starter: starter.length,
      written: learnedWritten.length,
      corrected: learnedCorrected.length,
      intents: new Set(examples.flatMap(({ label }) => label ?? [])).size,
    },
  };
}

interface Found extends IntentExample {
  readonly id: string;
  readonly at: Date | string;
}

/** Each page in a transaction of its own. */
export async function pageByPage<Row>(
  ctx: Context,
  max: number,
  read: (tx: TransactionContext, after: Row | undefined) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  while (rows.length < max) {
    const page = await ctx.transaction((tx) => read(tx, rows.at(-1)));
    rows.push(...page);
    if (page.length < pageSize) break;
  }
  return rows.slice(0, max);
}

async function readWritten(tx: TransactionContext, until: Date, after: Found | undefined): Promise<Found[]> {
  const rows = await tx.sql<{ id: string; intent: string; text: Uint8Array; created_at: Date | string }>(
    `select id, intent, text, created_at from intent_examples
     where workspace_id = $1 and created_at <= $2 and ($3::uuid is null or id > $3)
     order by id limit ${pageSize}`,
    [tx.workspaceId, until, after?.id ?? null],
  );
  return rows.map(({ id, intent, text, created_at: at }) => ({
    id,
    at,
    text: tx.openText(text, examplePlace(id)),
    label: intent,
  }));
}

async function readCorrected(
  tx: TransactionContext,
  until: Date,
  after: Found | undefined,
): Promise<Found[]> {
  const rows = await tx.sql<{
    id: string;
    content: Uint8Array;
    value: string | null;
    created_at: Date | string;
  }>(
    `select m.id, m.content, c.value, c.created_at from insight_corrections c join messages m on m.id = c.message_id
       join conversations v on v.id = m.conversation_id join contacts k on k.id = v.contact_id
     where k.ai_consent <> 'refused' and c.workspace_id = $1 and c.field = 'intent' and c.created_at <= $2
       and ($3::timestamptz is null or (c.created_at, c.message_id) < ($3, $4::uuid))
     order by c.created_at desc, c.message_id desc limit ${pageSize}`,
    [tx.workspaceId, until, after?.at ?? null, after?.id ?? null],
  );
  return rows.map(({ id, content, value, created_at: at }) => ({
    id,
    at,
    text: openMessage(tx, id, content),
    label: value,
  }));
}

/** Of messages of the time before a moment, enough to know how they are mixed. */
const periodMax = 2_000;
const periodDays = 28;

export interface Period {
  /** ISO 8601, of the oldest and the newest. */
  readonly from: string;
  readonly to: string;
  readonly texts: readonly string[];
}

/** The messages of the time in which a model is trained, the newest of four weeks; null where there was none. @throws CryptoError */
export async function collectPeriod(ctx: Context, until: Date): Promise<Period | null> {
  const from = new Date(until.getTime() - periodDays * 86_400_000);
  const rows = await pageByPage<Omit<Found, 'label'>>(ctx, periodMax, async (tx, after) => {
    const page = await tx.sql<{ id: string; content: Uint8Array; created_at: Date | string }>(
      `select m.id, m.content, i.created_at from insights i join messages m on m.id = i.message_id
       where i.workspace_id = $1 and i.created_at > $2 and i.created_at <= $3
         and ($4::timestamptz is null or (i.created_at, i.message_id) < ($4, $5::uuid))
       order by i.created_at desc, i.message_id desc limit ${pageSize}`,
      [tx.workspaceId, from, until, after?.at ?? null, after?.id ?? null],
    );
    return page.map(({ id, content, created_at: at }) => ({ id, at, text: openMessage(tx, id, content) }));
  });
  const [newest, oldest] = [rows[0], rows.at(-1)];
  if (!newest || !oldest) return null;
  return {
    from: new Date(oldest.at).toISOString(),
    to: new Date(newest.at).toISOString(),
    texts: rows.map(({ text }) => text),
  };
}
