// The pairs of a shadow run, side by side: what was said then, what would be said now.
import type { Language } from '@parley/contract/common';
import type { ReadPassage, RunOutcome } from '@parley/contract/runs';
import type { ShadowAnswer, ShadowAnswerQuery, ShadowVerdict } from '@parley/contract/shadow-runs';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { readMessages, type ThreadMessage } from '../conversations/conversations.ts';
import { titlesOf } from '../knowledge/knowledge.ts';
import { findShadowRun } from './shadow-runs.ts';
import { askedIn, shadowAnswerPlace } from './shadow-work.ts';

type Stored = Omit<ReadPassage, 'title'>;

interface PairRow {
  id: string;
  run_id: string;
  conversation_id: string;
  language: Language;
  verdict: ShadowVerdict;
  answer: Uint8Array;
  outcome: RunOutcome | null;
  model: string | null;
  support: number | null;
  read_passages: Stored[];
  cost_micros: string | number | null;
  duration_ms: number | null;
  then_outcome: RunOutcome | null;
  then_model: string | null;
  then_support: number | null;
  then_read_passages: Stored[];
  then_cost_micros: string | number | null;
  then_duration_ms: number | null;
  message_id: string | null;
  read_message_ids: string[];
}

/** @throws ParleyError 404 */
export async function listShadowAnswers(ctx: Context, shadowRunId: string, query: ShadowAnswerQuery) {
  const after = query.cursor ? decodeCursor(query.cursor, z.tuple([z.uuid()])) : null;
  return ctx.transaction(async (tx) => {
    await findShadowRun(tx, shadowRunId);
    const rows = await tx.sql<PairRow>(
      `select a.id, a.run_id, r.conversation_id, c.language, a.verdict, a.answer, a.outcome, a.model, a.support,
         a.read_passages, a.cost_micros, a.duration_ms, r.outcome as then_outcome, r.model as then_model,
         r.support as then_support, r.read_passages as then_read_passages, r.cost_micros as then_cost_micros,
         r.duration_ms as then_duration_ms, r.message_id, r.read_message_ids
       from shadow_answers a join runs r on r.id = a.run_id join conversations c on c.id = r.conversation_id
       where a.shadow_run_id = $1 and a.verdict is not null and ($2::text is null or a.verdict = $2)
         and ($3::uuid is null or a.id > $3) order by a.id limit $4`,
      [shadowRunId, query.verdict ?? null, after?.[0] ?? null, query.limit + 1],
    );
    const { items, nextCursor } = toPage(rows, query.limit, (row) => [row.id]);
    return { items: await toPairs(tx, items), nextCursor };
  });
}

async function toPairs(tx: TransactionContext, rows: readonly PairRow[]): Promise<ShadowAnswer[]> {
  const read = rows.flatMap(({ read_passages, then_read_passages }) => [
    ...read_passages,
    ...then_read_passages,
  ]);
  const titles = await titlesOf(
    tx,
    read.map(({ textId }) => textId),
  );
  const named = (passages: readonly Stored[]) =>
    passages.map((passage) => ({ ...passage, title: titles.get(passage.textId) ?? '' }));
  const messages = await readMessages(
    tx,
    rows.flatMap(({ read_message_ids, message_id }) => [
      ...read_message_ids,
      ...(message_id ? [message_id] : []),
    ]),
  );
  const byId = new Map(messages.map((message) => [message.id, message]));
  return rows.map((row) => ({
    id: row.id,
    runId: row.run_id,
    conversationId: row.conversation_id,
    question: askedIn({ messages: row.read_message_ids.flatMap((id): ThreadMessage[] => found(byId, id)) })
      .question,
    language: row.language,
    verdict: row.verdict,
    before: {
      outcome: row.then_outcome,
      text: byId.get(row.message_id ?? '')?.body ?? null,
      model: row.then_model,
      support: row.then_support,
      readPassages: named(row.then_read_passages),
      costMicros: costFrom(row.then_cost_micros),
      durationMs: row.then_duration_ms,
    },
    after: {
      outcome: row.outcome,
      text: tx.openText(row.answer, shadowAnswerPlace(row.id)),
      model: row.model,
      support: row.support,
      readPassages: named(row.read_passages),
      costMicros: costFrom(row.cost_micros),
      durationMs: row.duration_ms,
    },
  }));
}

/** The driver gives large whole numbers as text. */
const costFrom = (value: string | number | null) => (value === null ? null : Number(value));

function found(byId: ReadonlyMap<string, ThreadMessage>, id: string): ThreadMessage[] {
  const message = byId.get(id);
  return message ? [message] : [];
}
