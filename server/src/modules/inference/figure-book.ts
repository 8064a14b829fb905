// How models did, counted in memory and folded into the database from time to time. Times are counted in buckets, so that
// the figures of several processes and hours can be added and still have a median.

const bucketsMax = 64;
const firstBoundMs = 2;
/** Each bucket is so much wider than the one before: what is read out of them is right to a tenth. */
const growth = 1.2;

export interface Figures {
  answered: number;
  failed: number;
  outputTokens: number;
  /** Time in which those tokens came. */
  outputMs: number;
  latencies: number[];
  firstTokens: number[];
  lastAnswerAt: Date | null;
  lastFailureAt: Date | null;
  lastFailure: string | null;
}

export type CallRecord =
  | {
      readonly answered: true;
      readonly durationMs: number;
      readonly firstTokenMs: number | null;
      readonly outputTokens: number;
    }
  | { readonly answered: false; readonly reason: string };

export function emptyFigures(): Figures {
  return {
    answered: 0,
    failed: 0,
    outputTokens: 0,
    outputMs: 0,
    latencies: [],
    firstTokens: [],
    lastAnswerAt: null,
    lastFailureAt: null,
    lastFailure: null,
  };
}

export function bucketOf(ms: number): number {
  if (ms <= firstBoundMs) return 0;
  return Math.min(bucketsMax - 1, Math.ceil(Math.log(ms / firstBoundMs) / Math.log(growth)));
}

/** The time below which `share` of what was counted lies; null where nothing was. */
export function quantileOf(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(total * share));
  const at = counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  // The middle of the bucket, as far as widths grow.
  return Math.round(firstBoundMs * growth ** Math.max(0, at - 0.5));
}

export function addFigures(a: Figures, b: Figures): Figures {
  const later = (x: Date | null, y: Date | null) => (x && (!y || x >= y) ? x : y);
  const lastFailureAt = later(a.lastFailureAt, b.lastFailureAt);
  return {
    answered: a.answered + b.answered,
    failed: a.failed + b.failed,
    outputTokens: a.outputTokens + b.outputTokens,
    outputMs: a.outputMs + b.outputMs,
    latencies: addCounts(a.latencies, b.latencies),
    firstTokens: addCounts(a.firstTokens, b.firstTokens),
    lastAnswerAt: later(a.lastAnswerAt, b.lastAnswerAt),
    lastFailureAt,
    lastFailure:
      lastFailureAt === null ? null : lastFailureAt === a.lastFailureAt ? a.lastFailure : b.lastFailure,
  };
}

function addCounts(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] ?? 0) + (b[at] ?? 0));
}

function count(counts: number[], ms: number): void {
  const at = bucketOf(ms);
  while (counts.length <= at) counts.push(0);
  counts[at] = (counts[at] ?? 0) + 1;
}

interface WorkspaceFigures {
  readonly models: Map<string, Figures>;
  foldedAt: number;
}

/** How much the newest answer says of how long answers take. */
const newestWeight = 0.2;

/** What this process has counted and not yet folded. */
export class FigureBook {
  readonly #workspaces = new Map<string, WorkspaceFigures>();
  readonly #typicalMs = new Map<string, number>();

  /** @returns whether it is time to fold. */
  record(workspaceId: string, modelId: string, call: CallRecord, now: Date, foldAfterMs: number): boolean {
    let workspace = this.#workspaces.get(workspaceId);
    if (!workspace) {
      workspace = { models: new Map(), foldedAt: now.getTime() };
      this.#workspaces.set(workspaceId, workspace);
    }
    let figures = workspace.models.get(modelId);
    if (!figures) {
      figures = emptyFigures();
      workspace.models.set(modelId, figures);
    }
    if (call.answered) {
      const known = this.#typicalMs.get(modelId) ?? call.durationMs;
      this.#typicalMs.set(modelId, known + (call.durationMs - known) * newestWeight);
      figures.answered += 1;
      figures.lastAnswerAt = now;
      count(figures.latencies, call.durationMs);
      if (call.firstTokenMs !== null) count(figures.firstTokens, call.firstTokenMs);
      figures.outputTokens += call.outputTokens;
      figures.outputMs += Math.max(1, Math.round(call.durationMs));
    } else {
      figures.failed += 1;
      figures.lastFailureAt = now;
      figures.lastFailure = call.reason;
    }
    return now.getTime() - workspace.foldedAt >= foldAfterMs;
  }

  /** How long answers take, the newest ones above all; null where this process has seen none. */
  typicalMs(modelId: string): number | null {
    return this.#typicalMs.get(modelId) ?? null;
  }

  of(workspaceId: string, modelId: string): Figures | null {
    return this.#workspaces.get(workspaceId)?.models.get(modelId) ?? null;
  }

  /** Hands over what was counted, and forgets it. */
  take(workspaceId: string): ReadonlyMap<string, Figures> {
    const taken = this.#workspaces.get(workspaceId)?.models ?? new Map<string, Figures>();
    this.#workspaces.delete(workspaceId);
    return taken;
  }
}
