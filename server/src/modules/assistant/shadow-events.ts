// What a shadow run tells, and the job that does it.
import { workState } from '@parley/contract/common';
import { z } from 'zod';
import type { TransactionContext } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { defineJob } from '../../core/queue.ts';

export const shadowRunChanged = defineEvent({
  type: 'shadow_run.changed',
  doc: 'A shadow run came further, or to its end, or its changes became the assistant’s.',
  permission: 'assistant:read',
  payload: z.object({ shadowRunId: z.uuid(), state: workState, done: z.number(), total: z.number() }),
});

export const shadowAnswer = defineJob({
  name: 'assistant.shadow_answer',
  doc: 'Answers turns of before anew and sends nothing; many of them in several runs.',
  input: z.object({ shadowRunId: z.uuid() }),
  effect: 'external',
  concurrency: 2,
  retries: 4,
  retryDelaySeconds: 2,
  timeoutSeconds: 600,
});

export async function tellShadowRun(tx: TransactionContext, shadowRunId: string): Promise<void> {
  const [row] = await tx.sql<{ state: z.infer<typeof workState>; total: number; done: number }>(
    `select state, total, (select count(*)::int from shadow_answers a
       where a.shadow_run_id = s.id and verdict is not null) as done from shadow_runs s where id = $1`,
    [shadowRunId],
  );
  if (row) tx.append(shadowRunChanged, { shadowRunId, ...row });
}
