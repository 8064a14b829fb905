// What knowledge tells the workspace's log: ids and states, never content, titles or addresses.
import { trainingDataProgress, trainingDataState } from '@parley/contract/training-data';
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { indexKnowledge } from './jobs.ts';
import { knowledgeRuntime } from './runtime.ts';

const change = z.enum(['created', 'updated', 'deleted']);

export const knowledgeChanged = defineEvent({
  type: 'knowledge.changed',
  doc: 'A text of the assistant’s knowledge was added, changed or removed.',
  permission: 'assistant:read',
  payload: z.object({ textId: z.uuid(), change, version: z.number() }),
});

export const trainingDataChanged = defineEvent({
  type: 'training_data.changed',
  doc: 'Training data was added, changed or removed, or its reading came further.',
  permission: 'assistant:read',
  payload: z.object({
    trainingDataId: z.uuid(),
    change: z.enum([...change.options, 'progressed']),
    state: trainingDataState,
    version: z.number(),
    progress: trainingDataProgress.nullable(),
  }),
  audit: { target: 'training_data', id: 'trainingDataId', when: ({ change }) => change !== 'progressed' },
});

export const vectorsChanged = defineEvent({
  type: 'knowledge.vectors_changed',
  doc: 'The vectors by which knowledge is searched came further, stopped, or are gone.',
  permission: 'assistant:read',
  payload: z.object({}),
});

interface Told {
  readonly id: string;
  readonly kind: string;
  readonly state: z.infer<typeof trainingDataState>;
  readonly version: number;
  readonly progress: z.infer<typeof trainingDataProgress> | null;
}

/** Tells of a change; `searched`: of what can be found, so that every process looks again. */
export function tell(
  tx: TransactionContext,
  row: Told,
  what: z.infer<typeof change> | 'progressed',
  searched: boolean,
): void {
  const { id, kind, state, version, progress } = row;
  tx.append(trainingDataChanged, { trainingDataId: id, change: what, state, version, progress });
  if (kind === 'text' && what !== 'progressed')
    tx.append(knowledgeChanged, { textId: id, change: what, version });
  if (!searched) return;
  tx.enqueue(indexKnowledge, {}, { key: tx.workspaceId });
  tx.afterCommit(() => tx.use(knowledgeRuntime).cache.changed(tx.workspaceId));
}
