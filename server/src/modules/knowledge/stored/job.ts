// The jobs of the stored index. Both can be killed and run again at any moment, and two workers may be at one workspace.
import type { Context } from '../../../core/context.ts';
import type { JobRun } from '../../../core/queue.ts';
import { embedderPort } from '../embedder.ts';
import { indexKnowledge, makeVectors, sweepKnowledge } from '../jobs.ts';
import { knowledgeRuntime } from '../runtime.ts';
import { forgetIndex, makeHead, readHead } from './head.ts';
import { measureKnowledge } from './size.ts';
import { storeSome } from './store-documents.ts';
import { hasGone, mergeSegments, sweepSegments } from './tidy.ts';

/** A run of the job ends itself before its time is over, and leaves the rest to the next. */
const runMs = 300_000;
/** After so long another worker has come further. */
const lookAgainMs = 2_000;
/** What was removed together is taken out of the lists together. */
const sweepAfterMs = 60_000;

/** The `knowledge.index` job. */
export async function index(ctx: Context, _input: unknown, { signal }: JobRun): Promise<void> {
  if (await ctx.use(embedderPort).known(ctx)) await ctx.transaction(async (tx) => makeVectors(tx));
  await ctx.use(knowledgeRuntime).alone(ctx.workspaceId, () => bringUp(ctx, signal));
}

async function bringUp(ctx: Context, signal: AbortSignal): Promise<void> {
  const until = performance.now() + runMs;
  const inMemoryMax = ctx.config.KNOWLEDGE_CHARACTERS_IN_MEMORY;
  const { characters } = await measureKnowledge(ctx);
  // An index that is there is kept for a while: knowledge may grow again.
  if (characters <= inMemoryMax / 2) return forgetIndex(ctx);
  if (characters <= inMemoryMax && !(await readHead(ctx))) return;
  await makeHead(ctx);
  const head = await readHead(ctx);
  for (;;) {
    const progress = await storeSome(ctx, signal);
    // Also where nothing was left to store: a killed worker may have left segments half merged.
    if (progress !== 'elsewhere') await mergeSegments(ctx, signal);
    if (progress === 'done') break;
    if (progress === 'more' && performance.now() < until) continue;
    const startAfter = new Date(ctx.clock.now() + (progress === 'elsewhere' ? lookAgainMs : 0));
    await ctx.transaction(async (tx) => tx.enqueue(indexKnowledge, {}, { key: tx.workspaceId, startAfter }));
    return;
  }
  const isGone = await hasGone(ctx);
  await ctx.transaction(async (tx) => {
    tx.last('update knowledge_indexes set complete = true where workspace_id = $1 and key = $2', [
      tx.workspaceId,
      head?.sealedKey,
    ]);
    const startAfter = new Date(tx.clock.now() + sweepAfterMs);
    if (isGone) tx.enqueue(sweepKnowledge, {}, { key: tx.workspaceId, startAfter });
    tx.afterCommit(() => tx.use(knowledgeRuntime).cache.changed(tx.workspaceId));
  });
}

/** The `knowledge.sweep` job. */
export async function sweep(ctx: Context, _input: unknown, { signal }: JobRun): Promise<void> {
  await ctx.use(knowledgeRuntime).alone(ctx.workspaceId, async () => {
    await sweepSegments(ctx, signal);
    await mergeSegments(ctx, signal);
  });
}
