// Trainings that begin by themselves: where enough was recorded, and where a shop is left without a model.
import { z } from 'zod';
import type { SystemContext } from '../../core/context.ts';
import { unlessGone } from '../../core/crypto.ts';
import { defineJob } from '../../core/queue.ts';
import { RECOMMENDER_FORMAT } from '../../learning/recommendation/recommender-file.ts';
import { GIVEN_UP_AFTER_MS, settleModels } from './models.ts';
import { startTraining } from './training.ts';

export const trainWhereDue = defineJob({
  name: 'commerce.train_due',
  doc: 'Begins a training where enough was recorded since the last one or no model is there, at most once an hour in each workspace, and once a day after one that was not done.',
  input: z.object({}),
  effect: 'system',
});

const WAIT_MS = 3_600_000;
/** One that failed would most likely do so again. */
const WAIT_AFTER_FAILED_MS = 86_400_000;
const NEW_INTERACTIONS_MIN = 100;
/** After so many updates everything is learned anew. */
const UPDATES_MAX = 24;

/** The job. */
export async function startDueTrainings(ctx: SystemContext): Promise<void> {
  await settleAll(ctx);
  for (const { workspace_id, updates, has_model } of await findDue(ctx)) {
    const kind = has_model && updates < UPDATES_MAX ? 'update' : 'full';
    await unlessGone(startTraining(ctx.workspace(workspace_id), kind)).catch((error) => {
      if ((error as { code?: string }).code !== 'training_running') throw error;
    });
  }
}

async function settleAll(ctx: SystemContext): Promise<void> {
  const unsettled = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string }>(
      `select distinct workspace_id from recommendation_models
       where (state = 'running' and started_at < $1) or (live and format < $2)`,
      [new Date(ctx.clock.now() - GIVEN_UP_AFTER_MS), RECOMMENDER_FORMAT],
    ),
  );
  for (const { workspace_id } of unsettled) await ctx.transactionIn(workspace_id, settleModels);
}

interface Due {
  readonly workspace_id: string;
  readonly updates: number;
  readonly has_model: boolean;
}

/** New is what the live model has not learned: everything where there is none, and then as much is enough as one learned from before. */
async function findDue(ctx: SystemContext): Promise<Due[]> {
  return ctx.system((queries) =>
    queries.sql<Due>(
      `select w.workspace_id, l.has_model, l.updates
       from workspaces w
       cross join lateral (
         select max(m.started_at) as started_at,
           (array_agg(m.state order by m.version desc))[1] as state,
           max(m.started_at) filter (where m.live and m.format = $4) as learned_at,
           coalesce(bool_or(m.live and m.format = $4), false) as has_model,
           max(m.interactions) as interactions,
           (count(*) filter (where m.version > coalesce(f.version, 0)))::int as updates
         from recommendation_models m
         left join lateral (
           select max(version) as version from recommendation_models
           where workspace_id = w.workspace_id and kind = 'full'
         ) f on true
         where m.workspace_id = w.workspace_id
       ) l
       where (l.started_at is null or l.started_at < case when l.state = 'done' then $1::timestamptz else $2 end)
         and (select count(*) from (
           select 1 from interactions i
           where i.workspace_id = w.workspace_id and i.recorded_at > coalesce(l.learned_at, '-infinity') limit $3
         ) fresh) >= case when l.has_model then $3 else greatest(1, least($3, l.interactions)) end`,
      [
        new Date(ctx.clock.now() - WAIT_MS),
        new Date(ctx.clock.now() - WAIT_AFTER_FAILED_MS),
        NEW_INTERACTIONS_MIN,
        RECOMMENDER_FORMAT,
      ],
    ),
  );
}
