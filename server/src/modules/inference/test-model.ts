// Whether a model answers at all.
import type { ModelTest } from '@parley/contract/models';
import type { Context } from '../../core/context.ts';
import { findModel, readCatalogue } from './catalogue.ts';
import { askOne, outsideMsMax } from './generate.ts';
import { explain } from './model-failure.ts';
import type { Prompt } from './prompt.ts';
import { toQuestion } from './request.ts';
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
