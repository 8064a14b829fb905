// The `knowledge.embed` job. It may be killed and run again at any moment: a request and what comes of it are one step, and
// what was stored is not asked for again.
import type { Context } from '../../../core/context.ts';
import type { JobRun } from '../../../core/queue.ts';
import { type EmbeddingModel, embedderPort } from '../embedder.ts';
import { vectorsChanged } from '../events.ts';
import { embedKnowledge } from '../jobs.ts';
import { makeSome } from './make-vectors.ts';
import { forgetVectors, leaveWork, takeWork } from './work.ts';

/** A run of the job ends itself before its time is over, and leaves the rest to the next. */
const runMs = 300_000;
/** After so long another worker has come further, or is gone. */
const lookAgainMs = 5_000;
/** Progress is told so often. */
const tellAfterMs = 2_000;

export async function embed(ctx: Context, _input: unknown, run: JobRun): Promise<void> {
  const until = performance.now() + runMs;
  let toldAt = performance.now();
  for (;;) {
    const model = await ctx.use(embedderPort).current(ctx);
    if (!model) return forgetVectors(ctx);
    const work = await takeWork(ctx, model, run.id);
    if (!work) return later(ctx, lookAgainMs);
    const isWanted = async () => {
      if (performance.now() - toldAt > tellAfterMs) {
        toldAt = performance.now();
        await ctx.transaction(async (tx) => tx.append(vectorsChanged, {}));
      }
      const now = await ctx.use(embedderPort).current(ctx);
      return isSame(model, now) && performance.now() < until && (await takeWork(ctx, model, run.id)) !== null;
    };
    const made = await makeSome(ctx, work, isWanted, run.signal);
    if (made === 'more' && performance.now() < until) continue;
    const failed = typeof made === 'string' || made.failed === 'changed' ? null : made.failed;
    await leaveWork(ctx, work, failed);
    if (made === 'more') await later(ctx, 0);
    else if (made === 'elsewhere') await later(ctx, lookAgainMs);
    else if (made !== 'done' && made.retryAfterMs !== null) await later(ctx, made.retryAfterMs);
    return;
  }
}

const isSame = (one: EmbeddingModel, other: EmbeddingModel | null) =>
  one.fingerprint === other?.fingerprint && one.privacy === other.privacy;

/** By a key of its own: whoever asks for it now, because a setting was changed, does not wait for this. */
async function later(ctx: Context, afterMs: number): Promise<void> {
  const startAfter = new Date(ctx.clock.now() + afterMs);
  await ctx.transaction(async (tx) =>
    tx.enqueue(embedKnowledge, {}, { key: `${tx.workspaceId} later`, startAfter }),
  );
}
