// The job of a shadow run: each turn is composed anew as it was asked then, and judged beside what was said. It can be
// killed and goes on where it was.
import type { Language } from '@parley/contract/common';
import type { ReadPassage, RunOutcome } from '@parley/contract/runs';
import type { KnowledgeChange, ShadowVerdict } from '@parley/contract/shadow-runs';
import { eq } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import type { JobRun } from '../../core/queue.ts';
import { readMessages } from '../conversations/conversations.ts';
import { fold, isThere, passagesOf } from '../knowledge/knowledge.ts';
import { type Composed, compose } from './compose.ts';
import { readAssistant } from './settings.ts';
import { shadowAnswer, tellShadowRun } from './shadow-events.ts';
import { endShadowRun, findShadowRun, onlyGiven, openChanges } from './shadow-runs.ts';
import { shadowAnswers } from './tables.ts';
import { historyOf, unansweredOf } from './thread.ts';

/** A run of the job ends itself before its time is over, and leaves the rest to the next. */
const runMs = 300_000;
const turnMsMax = 50_000;

export const shadowAnswerPlace = (id: string) => `shadow_answers.answer:${id}`;

/** The job. */
export async function answerInShadow(
  ctx: Context,
  { shadowRunId }: { shadowRunId: string },
  run: JobRun,
): Promise<void> {
  try {
    await goOn(ctx, shadowRunId, run.signal);
  } catch (error) {
    if (run.isLastAttempt) await ctx.transaction((tx) => endShadowRun(tx, shadowRunId, 'failed'));
    throw error;
  }
}

async function goOn(ctx: Context, shadowRunId: string, signal: AbortSignal): Promise<void> {
  const until = performance.now() + runMs;
  const changes = await ctx.transaction(async (tx) => openChanges(tx, await findShadowRun(tx, shadowRunId)));
  const settings = { ...(await readAssistant(ctx)), ...onlyGiven(changes) };
  const knowledge = await passagesOf(ctx, changes.knowledge);
  for (;;) {
    const turn = await ctx.transaction((tx) => nextTurn(tx, shadowRunId, changes.knowledge));
    if (!turn) return;
    if (performance.now() > until) {
      await ctx.transaction(async (tx) => tx.enqueue(shadowAnswer, { shadowRunId }));
      return;
    }
    const started = performance.now();
    // Without the conversation: what a contact's tools would do is not to be done again.
    const composed = await compose(ctx, settings, knowledge, {
      ...askedIn(turn),
      language: turn.language,
      sensitivity: turn.private ? 'private' : 'normal',
      purpose: 'shadow',
      signal: AbortSignal.any([signal, AbortSignal.timeout(turnMsMax)]),
    });
    const durationMs = Math.round(performance.now() - started);
    await ctx.transaction((tx) => record(tx, turn, composed, durationMs));
  }
}

interface ThreadLike {
  readonly messages: Awaited<ReturnType<typeof readMessages>>;
}

interface RecordedTurn extends ThreadLike {
  readonly id: string;
  readonly shadowRunId: string;
  readonly language: Language;
  readonly private: boolean;
  readonly outcome: RunOutcome;
  readonly readPassages: readonly Omit<ReadPassage, 'title'>[];
  readonly said: string | null;
}

interface TurnRow {
  id: string;
  outcome: RunOutcome;
  read_message_ids: string[];
  read_passages: Omit<ReadPassage, 'title'>[];
  message_id: string | null;
  language: Language;
  private: boolean;
}

/** The next that was not tried; null when it is over, which is then written down. */
async function nextTurn(
  tx: TransactionContext,
  shadowRunId: string,
  change: KnowledgeChange | undefined,
): Promise<RecordedTurn | null> {
  if ((await findShadowRun(tx, shadowRunId)).state !== 'running') return null;
  // What was to be tried is deleted: further answers would tell nothing of it.
  if (change && !(await isThere(tx, change))) {
    await endShadowRun(tx, shadowRunId, 'failed');
    return null;
  }
  const [row] = await tx.sql<TurnRow>(
    `select a.id, r.outcome, r.read_message_ids, r.read_passages, r.message_id, c.language,
       c.private or k.ai_consent = 'refused' as private
     from shadow_answers a join runs r on r.id = a.run_id join conversations c on c.id = r.conversation_id
       join contacts k on k.id = c.contact_id
     where a.shadow_run_id = $1 and a.verdict is null order by a.id limit 1`,
    [shadowRunId],
  );
  if (!row) {
    await endShadowRun(tx, shadowRunId, 'done');
    return null;
  }
  const messages = await readMessages(tx, row.read_message_ids);
  const [said] = row.message_id ? await readMessages(tx, [row.message_id]) : [];
  return {
    id: row.id,
    shadowRunId,
    language: row.language,
    private: row.private,
    outcome: row.outcome,
    readPassages: row.read_passages,
    // Opened here: what is sealed is read in a transaction.
    messages: messages.map((message) => ({ ...message, body: message.body })),
    said: said?.body ?? null,
  };
}

/** What was asked, as the turn found it. */
export function askedIn({ messages }: ThreadLike) {
  const open = unansweredOf(messages, null);
  const newest = messages.findLast(({ direction }) => direction === 'inbound');
  const unanswered = open.length > 0 || !newest ? open : [newest];
  return {
    history: historyOf(messages, unanswered),
    question: unanswered.map(({ body }) => body).join('\n'),
  };
}

async function record(
  tx: TransactionContext,
  turn: RecordedTurn,
  composed: Composed,
  durationMs: number,
): Promise<void> {
  // Cancelled meanwhile: what was made of it is not wanted.
  if ((await findShadowRun(tx, turn.shadowRunId)).state !== 'running') return;
  await tx.drizzle
    .update(shadowAnswers)
    .set({
      verdict: verdictOf(turn, composed),
      outcome: composed.handOver ? 'handed_over' : 'answered',
      answer: tx.seal(composed.text, shadowAnswerPlace(turn.id)),
      model: composed.model,
      support: composed.support,
      readPassages: composed.passages.map(({ title: _, ...passage }) => passage),
      costMicros: composed.costMicros,
      durationMs,
    })
    .where(eq(shadowAnswers.id, turn.id));
  await tellShadowRun(tx, turn.shadowRunId);
}

type Said = Pick<RecordedTurn, 'outcome' | 'said' | 'readPassages'>;

/** Pure. */
export function verdictOf(
  then: Said,
  now: Pick<Composed, 'handOver' | 'text' | 'model' | 'passages'>,
): ShadowVerdict {
  if (now.model === null) return 'failed';
  const thenLeft = then.outcome === 'handed_over';
  if (thenLeft && now.handOver) return 'same';
  if (thenLeft) return 'now_answers';
  if (now.handOver) return 'now_hands_over';
  if (then.said !== null && plain(then.said) === plain(now.text)) return 'same';
  const [before, after] = [citedOf(then.readPassages), citedOf(now.passages)];
  return before !== '' && before === after ? 'same' : 'differs';
}

const plain = (text: string) => fold(text).replace(/\s+/g, ' ').trim();

function citedOf(passages: readonly Omit<ReadPassage, 'title'>[]): string {
  return passages
    .flatMap(({ cited, textId, passageId }) => (cited ? [`${textId}:${passageId}`] : []))
    .sort()
    .join();
}
