// Writes an answer in a chat. It belongs to a job, so it outlives the page that asked, the process that was asked, and the
// process that writes: another one begins it again, and what it writes replaces what was there. Its row says whose it is:
// a take that is not the newest, or was stopped, writes nothing any more.
import type { ChatNotice } from '@parley/contract/chat';
import { and, eq, inArray } from 'drizzle-orm';
import type { Actor, Context, SystemContext, TransactionContext } from '../../../core/context.ts';
import type { JobRun } from '../../../core/queue.ts';
import { builtInName, composeChatPrompt, readChatAnswer, textOfPassage } from '../../inference/inference.ts';
import { findPassages, passagesOf, withVectors } from '../../knowledge/knowledge.ts';
import { type AgentAnswer, runAgent } from '../agent.ts';
import { describePassage } from '../compose.ts';
import { assistantRuntime, knownSettings } from '../settings.ts';
import { builtInTools } from '../tools/built-in-tools.ts';
import { toolsetFor } from '../tools/toolset.ts';
import { type ChatQuestion, composeQuestion, readTurns, type SaidTurn } from './question.ts';
import { StoppedError } from './stops.ts';
import { chatMessages, chats } from './tables.ts';
import { tellChanged, type WrittenAnswer } from './tell.ts';
import { contentPlace, openSteps, stepsPlace } from './view.ts';
import { beginChatWriting, type ChatWriting } from './writing.ts';

const passagesMax = 6;
/** A member watches: words alone find what they find meanwhile. */
const vectorMsMax = 800;
/** An answer whose process was lost so often is not begun again. */
const takesMax = 3;
/** A long answer is waited for as long as it comes well; the job has a little longer. */
const answerMsMax = 480_000;
/** Longer than all tries of a job with their pauses take. */
const lostAfterMs = 20 * 60_000;
/** What any other tool did would be done twice by an answer that is begun again. */
const readOnlyTools: ReadonlySet<string> = new Set(
  builtInTools.filter(({ permission }) => permission.endsWith(':read')).map(({ name }) => name),
);

const assistantActor: Actor = { kind: 'assistant', id: null, permissions: new Set() };

interface OpenAnswer extends WrittenAnswer {
  readonly said: readonly SaidTurn[];
  readonly isBegunAgain: boolean;
}

/** The job. */
export async function answer(
  context: Context,
  { messageId }: { messageId: string },
  job: JobRun,
): Promise<void> {
  const ctx = context.as(assistantActor);
  const open = await ctx.transaction((tx) => begin(tx, messageId));
  if (!open) return;
  const { stops } = ctx.use(assistantRuntime);
  const stop = stops.watch(messageId);
  const gone = () => stop.abort(new StoppedError('another one writes it, or nobody'));
  const writing = beginChatWriting(ctx, open, gone);
  try {
    const signal = AbortSignal.any([job.signal, stop.signal]);
    const composed = await compose(ctx, open, writing, signal);
    await writing.end();
    await finish(ctx, open, composed);
  } catch (error) {
    const text = await writing.end();
    if (stop.signal.aborted) await keepStopped(ctx, open, text);
    else if (job.isLastAttempt)
      await finish(ctx, open, { text, toolSteps: [], state: 'failed', errorCode: 'gave_up' });
    else throw error;
  } finally {
    stops.unwatch(messageId, stop);
  }
  tellChanged(ctx, open.userId, { chatId: open.chatId, messageId });
}

/** Null when there is nothing to write: it was stopped, or its chat removed, or it was lost too often. */
async function begin(tx: TransactionContext, messageId: string): Promise<OpenAnswer | null> {
  const [row] = await tx.drizzle
    .select()
    .from(chatMessages)
    .where(and(eq(chatMessages.id, messageId), inArray(chatMessages.state, ['waiting', 'writing'])))
    .for('update');
  const [chat] = row ? await tx.drizzle.select().from(chats).where(eq(chats.id, row.chatId)) : [];
  if (!row?.parentId || !chat) return null;
  const { chatId } = row;
  const didSomething = openSteps(tx, messageId, row.steps).some(({ tool }) => !readOnlyTools.has(tool));
  if (row.take >= takesMax || didSomething || chat.removedAt) {
    await tx.drizzle.update(chatMessages).set({ state: 'cut' }).where(eq(chatMessages.id, messageId));
    tx.afterCommit(() => tellChanged(tx, chat.userId, { chatId, messageId }));
    return null;
  }
  const take = row.take + 1;
  await tx.drizzle
    .update(chatMessages)
    .set({ state: 'writing', take, keptAt: tx.clock.date() })
    .where(eq(chatMessages.id, messageId));
  return {
    chatId,
    userId: chat.userId,
    messageId,
    take,
    said: await readTurns(tx, chatId, row.parentId),
    isBegunAgain: tx.openText(row.content, contentPlace(messageId)) !== '',
  };
}

type Ended = Pick<
  typeof chatMessages.$inferInsert,
  | 'errorCode'
  | 'model'
  | 'reasons'
  | 'readPassages'
  | 'notices'
  | 'inputTokens'
  | 'outputTokens'
  | 'costMicros'
  | 'durationMs'
> & {
  readonly state: 'done' | 'failed' | 'cut';
  readonly text: string;
  readonly toolSteps: AgentAnswer['steps'];
};

async function compose(
  ctx: Context,
  { said, isBegunAgain, userId }: OpenAnswer,
  writing: ChatWriting,
  signal: AbortSignal,
): Promise<Ended> {
  const settings = await knownSettings(ctx);
  const knowledge = await passagesOf(ctx);
  const question = await composeQuestion(ctx, said, signal);
  const searched = await withVectors(ctx, knowledge, {
    texts: [question.words],
    said: question.turns.flatMap(({ text, files }) => [text, ...files.map((file) => file.text)]),
    sensitivity: 'normal',
    purpose: 'chat',
    timeoutMs: vectorMsMax,
    signal,
  });
  const found = await findPassages(searched, question.words, question.language, passagesMax);
  const toolset = await toolsetFor(ctx, { kind: 'member', userId });
  const ask = (turns: ChatQuestion['turns']) =>
    runAgent(ctx, {
      toolset,
      passages: found,
      // What was said before may hold words of others too.
      hasReadOthers: found.length > 0 || turns.length > 1 || turns.some(hasFiles),
      onStep: writing.step,
      keepSteps: writing.stepsKept,
      prompt: composeChatPrompt({
        persona: settings.persona,
        passages: found,
        turns,
        language: question.language,
        now: ctx.clock.date(),
      }),
      knowledge: found.map(textOfPassage),
      language: question.language,
      sensitivity: 'normal',
      preferredModelId: settings.modelId,
      purpose: 'chat',
      latencyClass: 'live',
      signal,
      onText: (text) => writing.goOn(readChatAnswer(text, false).text),
      keepsCutOff: true,
      bounds: { msMax: answerMsMax },
      ...(hasPictures(turns) ? { needs: ['vision'] as const } : {}),
    });
  const notices = new Set<ChatNotice>(question.notices);
  if (isBegunAgain) notices.add('begun_again');
  let turns = question.turns;
  if (hasPictures(turns) && settings.modelId === null) {
    notices.add('picture_not_seen');
    turns = turns.map(withoutPictures);
  }
  let generated = await ask(turns);
  if (generated.model === null && hasPictures(turns) && isBlind(generated)) {
    notices.add('picture_not_seen');
    generated = await ask(turns.map(withoutPictures));
  }
  const { text, handOver, cited } = readChatAnswer(generated.text, true);
  if (generated.model === builtInName && handOver) notices.add('nothing_found');
  const state = generated.isCutOff ? 'cut' : generated.model === null ? 'failed' : 'done';
  return {
    state,
    errorCode: state === 'failed' ? whyNobody(generated) : null,
    text,
    toolSteps: generated.steps,
    notices: [...notices],
    readPassages: found.map((passage, at) => {
      const { title: _, ...described } = describePassage(passage, cited.has(at));
      return described;
    }),
    ...figuresOf(generated),
  };
}

const hasFiles = ({ files, pictures }: ChatQuestion['turns'][number]) => files.length + pictures.length > 0;
const hasPictures = (turns: ChatQuestion['turns']) => turns.some(({ pictures }) => pictures.length > 0);
const withoutPictures = (turn: ChatQuestion['turns'][number]) => ({ ...turn, pictures: [] });

/** No model was asked, because none that may be can see. */
const isBlind = ({ reasons }: AgentAnswer) =>
  reasons.every(({ decision }) => decision === 'skipped') &&
  reasons.some(({ because = [] }) => because.includes('vision'));

function whyNobody({ reasons }: AgentAnswer): string {
  const known = ['private_content', 'budget_exhausted'];
  return known.find((code) => reasons.some(({ reason }) => reason === code)) ?? 'no_model';
}

function figuresOf({ model, reasons, inputTokens, outputTokens, costMicros, durationMs }: AgentAnswer) {
  return { model, reasons: [...reasons], inputTokens, outputTokens, costMicros, durationMs };
}

async function finish(ctx: Context, open: OpenAnswer, { text, toolSteps, ...ended }: Ended): Promise<void> {
  const { messageId, take } = open;
  const isMine = await ctx.transaction(async (tx) => {
    const rows = await tx.drizzle
      .update(chatMessages)
      .set({
        ...ended,
        content: tx.seal(text, contentPlace(messageId)),
        ...(toolSteps.length > 0 ? { steps: tx.seal(JSON.stringify(toolSteps), stepsPlace(messageId)) } : {}),
        keptAt: tx.clock.date(),
      })
      .where(
        and(eq(chatMessages.id, messageId), eq(chatMessages.take, take), eq(chatMessages.state, 'writing')),
      )
      .returning({ id: chatMessages.id });
    return rows.length > 0;
  });
  if (!isMine) await keepStopped(ctx, open, text);
}

/** What was written between the last time that it was kept and the stop. */
async function keepStopped(ctx: Context, { messageId, take }: OpenAnswer, text: string): Promise<void> {
  if (text === '') return;
  await ctx.transaction(async (tx) => {
    await tx.drizzle
      .update(chatMessages)
      .set({ content: tx.seal(text, contentPlace(messageId)) })
      .where(
        and(eq(chatMessages.id, messageId), eq(chatMessages.take, take), eq(chatMessages.state, 'stopped')),
      );
  });
}

/** The schedule: answers that nobody has written on for so long that nobody will. */
export async function cutLostAnswers(ctx: SystemContext): Promise<void> {
  await ctx.system((queries) =>
    queries.sql(
      `update chat_messages set state = 'cut' where id in (
         select id from chat_messages where state in ('waiting', 'writing') and kept_at < $1
         order by kept_at limit 500 for update skip locked)`,
      [new Date(ctx.clock.now() - lostAfterMs)],
    ),
  );
}
