// Pasted texts by their older routes: training data of one kind.
import type { KnowledgeText, KnowledgeTextInput, KnowledgeTextSummary } from '@parley/contract/knowledge';
import type { TrainingData } from '@parley/contract/training-data';
import type { Context } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { changeTrainingData } from './changes.ts';
import {
  createTrainingData,
  deleteTrainingData,
  getTrainingData,
  listTrainingData,
} from './training-data.ts';

export async function listTexts(ctx: Context, input: { limit: number; cursor?: string }) {
  const { items, nextCursor } = await listTrainingData(ctx, { ...input, kind: 'text' });
  return { items: items.map(toSummary), nextCursor };
}

/** @throws ParleyError 404 */
export async function getText(ctx: Context, textId: string): Promise<KnowledgeText> {
  const data = await getTrainingData(ctx, textId);
  if (data.content === null) throw notFound('text');
  return { ...toSummary(data), content: data.content };
}

/** @throws ParleyError `knowledge_full` */
export async function createText(ctx: Context, input: KnowledgeTextInput): Promise<KnowledgeText> {
  // The transaction's result is what an Idempotency-Key answers with.
  return ctx.transaction(async (tx) => ({
    ...toSummary(await createTrainingData(tx, newId(), { kind: 'text', live: true, ...input })),
    content: input.content,
  }));
}

/** Replaces title and content; the version grows unless both are the same. @throws ParleyError 404, `knowledge_full` */
export async function updateText(
  ctx: Context,
  textId: string,
  input: KnowledgeTextInput,
): Promise<KnowledgeText> {
  await getText(ctx, textId);
  return { ...toSummary(await changeTrainingData(ctx, textId, input)), content: input.content };
}

/** @throws ParleyError 404 */
export async function deleteText(ctx: Context, textId: string): Promise<void> {
  await getText(ctx, textId);
  await deleteTrainingData(ctx, textId);
}

function toSummary(data: TrainingData): KnowledgeTextSummary {
  const { id, title, version, characters, createdAt, updatedAt } = data;
  return { id, title, version, characters, createdAt, updatedAt };
}
