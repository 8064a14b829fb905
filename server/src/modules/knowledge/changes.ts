// What members change of training data: its name, its words, how often it is looked at, whether it is used.
import type { TrainingData, TrainingDataChange } from '@parley/contract/training-data';
import type { Context, TransactionContext } from '../../core/context.ts';
import { validationError } from '../../core/errors.ts';
import { type Content, type MeasuredContent, measureContent, openContent } from './documents.ts';
import { tell } from './events.ts';
import { usualFetchAt } from './reading-state.ts';
import { documentsOf, findData, refuseTooMuch, replaceContent, sumUp } from './store.ts';
import { sealOrigin } from './training-data.ts';
import { type DataRow, toTrainingData } from './view.ts';

const changeable: Readonly<Record<DataRow['kind'], readonly (keyof TrainingDataChange)[]>> = {
  text: ['title', 'content', 'live'],
  pair: ['question', 'answer', 'live'],
  file: ['title', 'live'],
  page: ['title', 'refetchHours', 'live'],
  sitemap: ['title', 'refetchHours', 'pagesMax', 'depth', 'live'],
};

/** @throws ParleyError 400, 404, `knowledge_full` */
export async function changeTrainingData(
  ctx: Context,
  id: string,
  change: TrainingDataChange,
): Promise<TrainingData> {
  return ctx.transaction(async (tx) => {
    const row = await findData(tx, id, true);
    refuseForeign(row, change);
    const measured = await changedContent(tx, row, change);
    const [document] = await documentsOf(tx, id);
    if (measured) await refuseTooMuch(tx, document?.id ?? null, measured.characters);
    const contentChanged =
      measured !== null && document !== undefined && (await replaceContent(tx, document, measured));
    const titleChanged = change.title !== undefined && change.title !== row.title;
    const scheduleChanged =
      (change.refetchHours !== undefined && change.refetchHours !== row.refetchHours) ||
      (change.pagesMax !== undefined && change.pagesMax !== row.pagesMax) ||
      (change.depth !== undefined && change.depth !== row.depth);
    const questionChanged = row.kind === 'pair' && contentChanged && change.question !== undefined;
    const liveChanged = change.live !== undefined && change.live !== row.live;
    if (!contentChanged && !titleChanged && !scheduleChanged && !liveChanged) return toTrainingData(tx, row);
    const saysOther = contentChanged || titleChanged;
    const after = await sumUp(tx, id, {
      updatedAt: tx.clock.date(),
      ...(saysOther ? { version: row.version + 1 } : {}),
      ...(titleChanged ? { title: change.title ?? null } : {}),
      ...(questionChanged ? { origin: sealOrigin(tx, row, { ownTitle: change.question }) } : {}),
      ...(change.pagesMax === undefined ? {} : { pagesMax: change.pagesMax }),
      ...(change.depth === undefined ? {} : { depth: change.depth }),
      ...(change.live === undefined ? {} : { live: change.live }),
      ...(change.refetchHours === undefined ? {} : schedule(tx, change.refetchHours)),
    });
    tell(tx, after, 'updated', saysOther || liveChanged);
    return toTrainingData(tx, after);
  });
}

function refuseForeign(row: DataRow, change: TrainingDataChange): void {
  const given = (Object.keys(change) as (keyof TrainingDataChange)[]).filter(
    (key) => change[key] !== undefined,
  );
  const foreign = given.filter((key) => !changeable[row.kind].includes(key));
  if (row.kind === 'text' && change.title === null) foreign.push('title');
  if (foreign.length === 0) return;
  throw validationError(
    'This cannot be changed.',
    foreign.map((key) => ({ path: `body.${key}`, message: `cannot be set so for a ${row.kind}` })),
  );
}

async function changedContent(
  tx: TransactionContext,
  row: DataRow,
  change: TrainingDataChange,
): Promise<MeasuredContent | null> {
  if (change.content !== undefined) return measureContent(change.content);
  if (change.question === undefined && change.answer === undefined) return null;
  const [document] = await documentsOf(tx, row.id);
  const content: Content = document ? openContent(tx, document) : [];
  const [before] = typeof content === 'string' ? [] : content;
  const pair = before && 'question' in before ? before : { question: '', answer: '' };
  return measureContent([
    { question: change.question ?? pair.question, answer: change.answer ?? pair.answer },
  ]);
}

function schedule(tx: TransactionContext, hours: number | null) {
  return { refetchHours: hours, nextFetchAt: usualFetchAt(tx, hours) };
}
