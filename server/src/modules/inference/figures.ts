// How models did in the last day: kept in memory by each process, folded into one row an hour, read together.
import type { ModelFigures } from '@parley/contract/models';
import type { Context, SystemContext } from '../../core/context.ts';
import { addFigures, type CallRecord, emptyFigures, type Figures, quantileOf } from './figure-book.ts';
import { inBackground, inferenceRuntime, type KnownModel } from './runtime.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const foldAfterMs = 30_000;
const keptMs = 8 * dayMs;
/** A failure that is newer than the last answer, and not older than this, makes a model failing. */
const failingMs = 10 * 60_000;

/** Counts a call. What is folded by it, nothing waits for. */
export function recordCall(ctx: Context, modelId: string, call: CallRecord): void {
  const { figures } = ctx.use(inferenceRuntime);
  if (!figures.record(ctx.workspaceId, modelId, call, ctx.clock.date(), foldAfterMs)) return;
  inBackground(ctx, 'figures of models', foldFigures(ctx));
}

const fold = {
  name: 'model_figures_fold',
  text: `insert into model_figures as f (workspace_id, model_id, hour, answered, failed, output_tokens, output_ms, latencies,
      first_tokens, last_answer_at, last_failure_at, last_failure)
    values ($1, $2, $3, $4, $5, $6, $7, $8::integer[], $9::integer[], $10, $11, $12)
    on conflict (workspace_id, model_id, hour) do update set
      answered = f.answered + excluded.answered, failed = f.failed + excluded.failed,
      output_tokens = f.output_tokens + excluded.output_tokens, output_ms = f.output_ms + excluded.output_ms,
      latencies = (select coalesce(array_agg(coalesce(a, 0) + coalesce(b, 0) order by n), '{}')
        from unnest(f.latencies, excluded.latencies) with ordinality as t(a, b, n)),
      first_tokens = (select coalesce(array_agg(coalesce(a, 0) + coalesce(b, 0) order by n), '{}')
        from unnest(f.first_tokens, excluded.first_tokens) with ordinality as t(a, b, n)),
      last_answer_at = greatest(f.last_answer_at, excluded.last_answer_at),
      last_failure = case when excluded.last_failure_at is null then f.last_failure else excluded.last_failure end,
      last_failure_at = greatest(f.last_failure_at, excluded.last_failure_at)`,
};

/** Writes down what this process has counted for a workspace. */
export async function foldFigures(ctx: Context): Promise<void> {
  const taken = ctx.use(inferenceRuntime).figures.take(ctx.workspaceId);
  if (taken.size === 0) return;
  const hour = new Date(Math.floor(ctx.clock.now() / hourMs) * hourMs);
  // In one order in every process, so that none waits for another in a circle.
  const sorted = [...taken].sort(([a], [b]) => (a < b ? -1 : 1));
  await ctx.transaction(async (tx) => {
    for (const [modelId, f] of sorted) {
      tx.last(fold, [
        tx.workspaceId,
        modelId,
        hour,
        f.answered,
        f.failed,
        f.outputTokens,
        f.outputMs,
        f.latencies,
        f.firstTokens,
        f.lastAnswerAt,
        f.lastFailureAt,
        f.lastFailure,
      ]);
    }
  });
}

interface FigureRow {
  model_id: string;
  answered: number;
  failed: number;
  output_tokens: string | number;
  output_ms: string | number;
  latencies: number[];
  first_tokens: number[];
  last_answer_at: Date | string | null;
  last_failure_at: Date | string | null;
  last_failure: string | null;
}

const read = {
  name: 'model_figures_read',
  text: 'select * from model_figures where workspace_id = $1 and hour > $2',
};

/** The last day of every model, with what this process has not folded yet. */
export async function readFigures(ctx: Context): Promise<(modelId: string) => Figures> {
  const since = new Date(ctx.clock.now() - dayMs);
  const rows = await ctx.transaction((tx) => tx.sql<FigureRow>(read, [tx.workspaceId, since]));
  const stored = Map.groupBy(rows, (row) => row.model_id);
  const { figures } = ctx.use(inferenceRuntime);
  return (modelId) =>
    [
      ...(stored.get(modelId) ?? []).map(figuresOf),
      figures.of(ctx.workspaceId, modelId) ?? emptyFigures(),
    ].reduce(addFigures, emptyFigures());
}

function figuresOf(row: FigureRow): Figures {
  const moment = (value: Date | string | null) => (value === null ? null : new Date(value));
  return {
    answered: row.answered,
    failed: row.failed,
    outputTokens: Number(row.output_tokens),
    outputMs: Number(row.output_ms),
    latencies: row.latencies,
    firstTokens: row.first_tokens,
    lastAnswerAt: moment(row.last_answer_at),
    lastFailureAt: moment(row.last_failure_at),
    lastFailure: row.last_failure,
  };
}

export function describeFigures(ctx: Context, model: KnownModel, figures: Figures): ModelFigures {
  const { lastAnswerAt, lastFailureAt } = figures;
  const failsNow =
    lastFailureAt !== null &&
    (lastAnswerAt === null || lastFailureAt > lastAnswerAt) &&
    ctx.clock.now() - lastFailureAt.getTime() < failingMs;
  const isResting = ctx.use(inferenceRuntime).breakers.isResting(ctx.workspaceId, model);
  const spoken = figures.outputTokens > 0 && figures.outputMs > 0;
  return {
    health: isResting ? 'resting' : failsNow ? 'failing' : lastAnswerAt ? 'well' : 'unknown',
    answered: figures.answered,
    failed: figures.failed,
    p50Ms: quantileOf(figures.latencies, 0.5),
    p95Ms: quantileOf(figures.latencies, 0.95),
    firstTokenP50Ms: quantileOf(figures.firstTokens, 0.5),
    tokensPerSecond: spoken ? Math.round((figures.outputTokens * 10_000) / figures.outputMs) / 10 : null,
    lastAnswerAt: lastAnswerAt?.toISOString() ?? null,
    lastFailureAt: lastFailureAt?.toISOString() ?? null,
    lastFailure: figures.lastFailure,
  };
}

/** Forgets hours that nobody asks for any more. */
export async function forgetFigures(ctx: SystemContext): Promise<void> {
  await ctx.system((queries) =>
    queries.sql('delete from model_figures where hour < $1', [new Date(ctx.clock.now() - keptMs)]),
  );
}
