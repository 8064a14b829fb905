// Whether a model answers at all.
import type { ModelTest } from '@parley/contract/models';
import type { Context } from '../../core/context.ts';
import { findModel, readCatalogue } from './catalogue.ts';
import { embedTexts } from './embeddings.ts';
import { askOne, outsideMsMax } from './generate.ts';
import { explain } from './model-failure.ts';
import type { Prompt } from './prompt.ts';
import { toQuestion } from './request.ts';
import type { Catalogue, KnownModel } from './runtime.ts';
import { CallCollector } from './tool-calls.ts';

const trial: Prompt = {
  instructions: 'You are being tested. Answer with one word.',
  messages: [{ role: 'user', content: 'Say hello.' }],
};

/** Characters of its answer. */
const shownMax = 300;

/** Asks a model something short, whether it is enabled or not, under the same budget. @throws ParleyError 404 */
export async function testModel(ctx: Context, modelId: string): Promise<ModelTest> {
  const [model, catalogue] = await ctx.transaction(async (tx) => [
    await findModel(tx, modelId),
    await readCatalogue(tx),
  ]);
  if (!model.capabilities.includes('chat') && model.capabilities.includes('embeddings'))
    return testVectors(ctx, catalogue, model);
  const question = toQuestion(
    {
      prompt: trial,
      sensitivity: 'normal',
      preferredModelId: modelId,
      purpose: 'test',
      language: 'en',
      signal: AbortSignal.timeout(outsideMsMax),
    },
    new CallCollector(),
  );
  const attempt = await askOne(ctx, catalogue, model, question);
  const { durationMs } = attempt;
  return attempt.answer
    ? {
        ok: true,
        code: 'ok',
        message: 'It answers.',
        answer: attempt.answer.text.trim().slice(0, shownMax),
        durationMs,
      }
    : { ok: false, code: attempt.reason, message: explain(attempt.reason), answer: null, durationMs };
}

async function testVectors(ctx: Context, catalogue: Catalogue, model: KnownModel): Promise<ModelTest> {
  const started = performance.now();
  const made = await embedTexts(ctx, catalogue, model, {
    texts: ['hello'],
    kind: 'question',
    purpose: 'test',
    conversationId: null,
    contactId: null,
    timeoutMs: outsideMsMax,
    signal: AbortSignal.timeout(outsideMsMax),
  });
  const durationMs = Math.round(performance.now() - started);
  if ('failed' in made)
    return { ok: false, code: made.failed, message: explain(made.failed), answer: null, durationMs };
  const numbers = made.vectors[0]?.length ?? 0;
  return {
    ok: true,
    code: 'ok',
    message: 'It answers.',
    answer: `A vector of ${numbers} numbers.`,
    durationMs,
  };
}
