// The vectors of what a knowledge is about to be asked, where they come in time: without them words alone are searched.
import type { Context } from '../../../core/context.ts';
import { type AskedQuestions, type EmbeddingModel, embedderPort } from '../embedder.ts';
import { questionLengthMax } from '../ranking.ts';
import { knowledgeRuntime } from '../runtime.ts';
import { loadVectors, type QuestionVector, type Vectors } from './load.ts';
import { pad } from './products.ts';
import { toBytes } from './similarity.ts';

/** Of one burst; the others are looked for by their words. */
const questionsMax = 16;

/** By question, as far as there are any. */
export type QuestionVectors = (question: string) => QuestionVector | undefined;

/** Null where there are none. */
export async function askVectors(
  ctx: Context,
  model: EmbeddingModel,
  asked: AskedQuestions,
): Promise<QuestionVectors | null> {
  const started = performance.now();
  const texts = [...new Set(asked.texts.map(readOf))].filter((text) => text !== '').slice(0, questionsMax);
  const vectors = texts.length === 0 ? null : await within(asked.timeoutMs, vectorsOrNone(ctx, model));
  const timeoutMs = asked.timeoutMs - (performance.now() - started);
  if (!vectors || vectors.dimensions === 0 || timeoutMs < 1) return null;
  const made = await embedOrNone(ctx, model, { ...asked, texts, timeoutMs });
  if (!made) return null;
  if ('failed' in made) {
    ctx.log.info({ reason: made.failed }, 'a question is looked for by its words alone');
    return null;
  }
  const known = new Map<string, QuestionVector>();
  for (const [at, text] of texts.entries()) {
    const vector = made[at];
    if (vector?.length === vectors.dimensions) known.set(text, { vector: pad(toBytes(vector)), vectors });
  }
  return (question) => known.get(readOf(question));
}

const readOf = (question: string) => question.slice(0, questionLengthMax).trim();

async function vectorsOf(ctx: Context, model: EmbeddingModel): Promise<Vectors> {
  const { vectors, vectorBytesMax } = ctx.use(knowledgeRuntime);
  const load = (previous: Vectors | undefined) => loadVectors(ctx, model, vectorBytesMax, previous);
  const known = await vectors.get(ctx.workspaceId, load);
  if (known.model === model.fingerprint) return known;
  vectors.forget(ctx.workspaceId);
  return vectors.get(ctx.workspaceId, load);
}

/** Whatever is wrong with vectors, words find what they find. */
async function vectorsOrNone(ctx: Context, model: EmbeddingModel): Promise<Vectors | null> {
  try {
    return await vectorsOf(ctx, model);
  } catch (error) {
    ctx.log.error({ err: error }, 'the vectors of knowledge could not be loaded');
    return null;
  }
}

/** Null where something broke: a key that cannot be opened, say. @throws what the caller's signal aborts with */
async function embedOrNone(ctx: Context, model: EmbeddingModel, asked: AskedQuestions) {
  try {
    return await ctx.use(embedderPort).embedQuestions(ctx, model, asked);
  } catch (error) {
    asked.signal.throwIfAborted();
    ctx.log.error({ err: error }, 'a question could not be made a vector');
    return null;
  }
}

/** Null where it takes longer: it goes on, for the next who asks. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
