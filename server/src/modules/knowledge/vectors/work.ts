// Who makes the vectors of a workspace, and how far that is: one job at a time, in whichever process, so that nothing is paid
// for twice.
import type { Context, TransactionContext } from '../../../core/context.ts';
import type { EmbeddingModel } from '../embedder.ts';
import { vectorsChanged } from '../events.ts';
import { knowledgeRuntime } from '../runtime.ts';

/** Longer than a request of vectors takes. */
const heldMs = 90_000;

export interface HeldWork {
  readonly holder: string;
  readonly model: EmbeddingModel;
  /** Null: none was made yet. */
  readonly dimensions: number | null;
}

/** Null where another job is at it. */
export async function takeWork(
  ctx: Context,
  model: EmbeddingModel,
  holder: string,
): Promise<HeldWork | null> {
  return ctx.transaction(async (tx) => {
    const now = tx.clock.now();
    const [row] = await tx.sql<{ dimensions: number | null }>(
      `insert into knowledge_vector_work as w (workspace_id, model, holder, held_until) values ($1, $2, $3, $4)
       on conflict (workspace_id) do update set model = excluded.model, holder = excluded.holder,
         held_until = excluded.held_until, dimensions = case when w.model = excluded.model then w.dimensions end
       where w.holder is null or w.holder = excluded.holder or w.held_until < $5
       returning dimensions`,
      [tx.workspaceId, model.fingerprint, holder, new Date(now + heldMs), new Date(now)],
    );
    return row ? { holder, model, dimensions: row.dimensions } : null;
  });
}

/** Whether it is still this job's; nobody else takes it until the transaction ends. */
export async function isStillMine(tx: TransactionContext, { holder, model }: HeldWork): Promise<boolean> {
  const rows = await tx.sql(
    'select 1 from knowledge_vector_work where workspace_id = $1 and holder = $2 and model = $3 for update',
    [tx.workspaceId, holder, model.fingerprint],
  );
  return rows.length > 0;
}

/** @param problem why it does not go on; null: it is done, or goes on later */
export async function leaveWork(ctx: Context, work: HeldWork, problem: string | null): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.sql(
      `update knowledge_vector_work set holder = null, held_until = null, problem = $3
       where workspace_id = $1 and holder = $2 returning 1 as one`,
      [tx.workspaceId, work.holder, problem],
    );
    if (rows.length > 0) tx.append(vectorsChanged, {});
  });
}

/** What no model is chosen for any more goes, whoever is at work. */
export async function forgetVectors(ctx: Context): Promise<void> {
  await ctx.transaction(async (tx) => {
    const rows = await tx.sql(
      'delete from knowledge_vector_work where workspace_id = $1 returning 1 as one',
      [tx.workspaceId],
    );
    const gone = await tx.sql('delete from knowledge_vectors where workspace_id = $1 returning 1 as one', [
      tx.workspaceId,
    ]);
    if (rows.length + gone.length === 0) return;
    tx.append(vectorsChanged, {});
    tx.afterCommit(() => tx.use(knowledgeRuntime).vectors.changed(tx.workspaceId));
  });
}
