// Keeps the stored index in few segments, and takes out of its lists what is not there any more. Each step is a transaction
// of its own, and what a killed worker leaves between two of them is as good to search as before.
import type { Context, TransactionContext } from '../../../core/context.ts';
import { lettingOthersIn } from '../turns.ts';
import { holdHead } from './head.ts';
import { eachPosting, encodePostings, hasImpacts } from './postings.ts';
import type { StoredPostings } from './segment-builder.ts';
import { storePostings } from './store-postings.ts';

/** So many neighbours that are smaller than one of these become one. */
const neighboursMin = 8;
const smallerThan = [2_000, 16_000] as const;
/** Lists that one transaction rewrites. */
const listsMax = 4_000;

interface Segment {
  readonly first: number;
  readonly next: number;
  readonly passages: number;
  readonly lengths: readonly number[];
}

const selectSegments =
  'select first, next, passages, lengths from knowledge_segments where workspace_id = $1';

async function readSegments(ctx: Context): Promise<Segment[]> {
  return ctx.transaction((tx) => tx.sql<Segment>(`${selectSegments} order by first`, [tx.workspaceId]));
}

/** Merges segments until there are few. @throws when the signal aborts */
export async function mergeSegments(ctx: Context, signal: AbortSignal): Promise<void> {
  for (;;) {
    const run = runToMerge(await readSegments(ctx));
    if (!run) return;
    await rewrite(ctx, run, signal);
  }
}

function runToMerge(segments: readonly Segment[]): Segment[] | null {
  for (const size of smallerThan) {
    let run: Segment[] = [];
    for (const segment of segments) {
      run = segment.passages < size ? [...run, segment] : [];
      if (run.length === neighboursMin) return run;
    }
  }
  return null;
}

/** Takes the numbers of passages that are gone out of all lists. @throws when the signal aborts */
export async function sweepSegments(ctx: Context, signal: AbortSignal): Promise<void> {
  for (const segment of await readSegments(ctx)) {
    if ((await readAlive(ctx, [segment])).count < segment.passages) await rewrite(ctx, [segment], signal);
  }
}

/** Whether lists name passages that are gone. */
export async function hasGone(ctx: Context): Promise<boolean> {
  const [row] = await ctx.transaction((tx) =>
    tx.sql<{ gone: boolean }>(
      `select coalesce((select sum(passages) from knowledge_segments where workspace_id = $1), 0) >
         (select count(*) from knowledge_passages where workspace_id = $1) as gone`,
      [tx.workspaceId],
    ),
  );
  return row?.gone ?? false;
}

interface Alive {
  readonly count: number;
  has(number: number): boolean;
}

async function readAlive(ctx: Context, segments: readonly Segment[]): Promise<Alive> {
  const from = segments[0]?.first ?? 0;
  const to = segments.at(-1)?.next ?? 0;
  const rows = await ctx.transaction((tx) =>
    tx.sql<{ number: number }>(
      'select number from knowledge_passages where workspace_id = $1 and number >= $2 and number < $3',
      [tx.workspaceId, from, to],
    ),
  );
  const alive = new Uint8Array(to - from);
  for (const { number } of rows) alive[number - from] = 1;
  return { count: rows.length, has: (number) => alive[number - from] === 1 };
}

/** Makes one segment of neighbours, without what is gone. */
async function rewrite(ctx: Context, run: readonly Segment[], signal: AbortSignal): Promise<void> {
  const alive = await readAlive(ctx, run);
  let after: string | null = '-1';
  while (after !== null) {
    signal.throwIfAborted();
    const from: string = after;
    after = await ctx.transaction((tx) => rewriteSome(tx, run, alive, from));
  }
  await ctx.transaction((tx) => replaceSegments(tx, run, alive.count));
}

interface ListRow {
  readonly term: string;
  readonly segment: number;
  readonly postings: Uint8Array;
}

/** @returns the last term that was done; null when all are. */
async function rewriteSome(
  tx: TransactionContext,
  run: readonly Segment[],
  alive: Alive,
  after: string,
): Promise<string | null> {
  if (!(await holdHead(tx))) return null;
  const segments = run.map(({ first }) => first);
  const rows = await tx.sql<ListRow>(
    `select term::text as term, segment, postings from knowledge_postings
     where workspace_id = $1 and term > $2::bigint and segment = any($3::int[])
     order by knowledge_postings.term, segment limit ${listsMax}`,
    [tx.workspaceId, after, segments],
  );
  const last = rows.at(-1);
  const first = segments[0];
  if (!last || first === undefined) return null;
  // Of the last one there may be more.
  const isPart = rows.length === listsMax;
  const whole = isPart ? rows.filter(({ term }) => term !== last.term) : rows;
  const changed = await lettingOthersIn(mergeLists(whole, first, alive, run.length > 1));
  await tx.sql(
    'delete from knowledge_postings where workspace_id = $1 and term = any($2::bigint[]) and segment = any($3::int[])',
    [tx.workspaceId, changed.map(({ term }) => term), segments],
  );
  await storePostings(
    tx,
    first,
    changed.filter(({ count }) => count > 0),
  );
  return isPart ? (whole.at(-1)?.term ?? null) : null;
}

const step = 100;

/** @param all also those that stay as they are */
function* mergeLists(
  rows: readonly ListRow[],
  base: number,
  alive: Alive,
  all: boolean,
): Generator<undefined, StoredPostings[]> {
  const changed: StoredPostings[] = [];
  let done = 0;
  for (const [term, lists] of Map.groupBy(rows, (row) => row.term)) {
    done += 1;
    if (done % step === 0) yield;
    const numbers: number[] = [];
    const impacts: number[] = [];
    let isGone = false;
    for (const { postings, segment } of lists) {
      eachPosting(postings, segment, (number, impact) => {
        if (!alive.has(number)) {
          isGone = true;
          return;
        }
        numbers.push(number);
        impacts.push(impact);
      });
    }
    if (!all && !isGone) continue;
    const isWeighted = lists.some(({ postings }) => hasImpacts(postings));
    const postings = encodePostings({ numbers, impacts: isWeighted ? impacts : null }, base);
    changed.push({ term, count: numbers.length, postings });
  }
  return changed;
}

async function replaceSegments(
  tx: TransactionContext,
  run: readonly Segment[],
  passages: number,
): Promise<void> {
  const first = run[0];
  if (!first || !(await holdHead(tx))) return;
  const firsts = run.map((segment) => segment.first);
  const now = await tx.sql<Segment>(`${selectSegments} and first = any($2::int[]) order by first`, [
    tx.workspaceId,
    firsts,
  ]);
  // Another worker was at the same ones, and was first.
  if (now.map(({ next }) => next).join() !== run.map(({ next }) => next).join()) return;
  const before = run.reduce((sum, segment) => sum + segment.passages, 0);
  const lengths = first.lengths.map(
    (_, field) =>
      (run.reduce((sum, segment) => sum + (segment.lengths[field] ?? 0), 0) * passages) / Math.max(1, before),
  );
  await tx.sql('delete from knowledge_segments where workspace_id = $1 and first = any($2::int[])', [
    tx.workspaceId,
    firsts,
  ]);
  if (passages === 0) return;
  await tx.sql(
    `insert into knowledge_segments (workspace_id, first, next, passages, lengths) values ($1, $2, $3, $4, $5::float8[])`,
    [tx.workspaceId, first.first, run.at(-1)?.next ?? first.next, passages, lengths],
  );
}
