// Keeps the stored index in few segments, and takes out of its lists what is not there any more. Each step is a transaction
// of its own. Segments become one before their lists do, so that a worker that was killed or another one beside it meets
// lists of this segment only, under its number or one within its range: whoever comes next can go on, or begin again.
import type { Context, TransactionContext } from '../../../core/context.ts';
import { lettingOthersIn } from '../turns.ts';
import { type HeldHead, holdHead, isSameIndex, readHead } from './head.ts';
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
  /** Whether lists may still stand under other numbers of its range. */
  readonly unmerged: boolean;
}

const selectSegments =
  'select first, next, passages, lengths, unmerged from knowledge_segments where workspace_id = $1';

async function readSegments(ctx: Context): Promise<Segment[]> {
  return ctx.transaction((tx) => tx.sql<Segment>(`${selectSegments} order by first`, [tx.workspaceId]));
}

/** Merges segments until there are few, and ends what was left half merged. @throws when the signal aborts, CryptoError */
export async function mergeSegments(ctx: Context, signal: AbortSignal): Promise<void> {
  const head = await readHead(ctx);
  if (!head) return;
  for (;;) {
    signal.throwIfAborted();
    const segments = await readSegments(ctx);
    const unmerged = segments.find((segment) => segment.unmerged);
    const run = unmerged ? null : runToMerge(segments);
    if (unmerged) await rewrite(ctx, head, unmerged, signal);
    else if (run) await ctx.transaction((tx) => joinSegments(tx, head, run));
    else return;
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

/** Takes the numbers of passages that are gone out of all lists. @throws when the signal aborts, CryptoError */
export async function sweepSegments(ctx: Context, signal: AbortSignal): Promise<void> {
  const head = await readHead(ctx);
  if (!head) return;
  for (const segment of await readSegments(ctx))
    if ((await readAlive(ctx, segment)).count < segment.passages) await rewrite(ctx, head, segment, signal);
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

type Index = Pick<HeldHead, 'sealedKey'>;

/** Makes neighbours one segment, whose lists are still theirs. */
async function joinSegments(tx: TransactionContext, index: Index, run: readonly Segment[]): Promise<void> {
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last) return;
  for (const segment of run) if (!(await isStill(tx, index, segment))) return;
  await tx.sql('delete from knowledge_segments where workspace_id = $1 and first > $2 and first < $3', [
    tx.workspaceId,
    first.first,
    last.next,
  ]);
  await tx.sql(
    `update knowledge_segments set next = $3, passages = $4, lengths = $5::float8[], unmerged = true
     where workspace_id = $1 and first = $2`,
    [
      tx.workspaceId,
      first.first,
      last.next,
      run.reduce((sum, { passages }) => sum + passages, 0),
      first.lengths.map((_, field) => run.reduce((sum, { lengths }) => sum + (lengths[field] ?? 0), 0)),
    ],
  );
}

/**
 * Whether the segment is as it was read, neither merged into another by somebody else nor of an index that was forgotten.
 * Until the transaction ends it stays so.
 */
async function isStill(tx: TransactionContext, index: Index, { first, next }: Segment): Promise<boolean> {
  if (!isSameIndex(await holdHead(tx), index)) return false;
  const rows = await tx.sql(
    'select 1 from knowledge_segments where workspace_id = $1 and first = $2 and next = $3',
    [tx.workspaceId, first, next],
  );
  return rows.length > 0;
}

interface Alive {
  readonly count: number;
  has(number: number): boolean;
}

/** All passages of a segment were stored with it: none comes later, so that what is read here is never too little. */
async function readAlive(ctx: Context, { first, next }: Segment): Promise<Alive> {
  const rows = await ctx.transaction((tx) =>
    tx.sql<{ number: number }>(
      'select number from knowledge_passages where workspace_id = $1 and number >= $2 and number < $3',
      [tx.workspaceId, first, next],
    ),
  );
  const alive = new Uint8Array(next - first);
  for (const { number } of rows) alive[number - first] = 1;
  return { count: rows.length, has: (number) => alive[number - first] === 1 };
}

/** Leaves of a segment one list for each term, without what is gone. Does nothing where the segment is not there any more. */
async function rewrite(ctx: Context, index: Index, segment: Segment, signal: AbortSignal): Promise<void> {
  const alive = await readAlive(ctx, segment);
  let after: string | null = '-1';
  while (after !== null) {
    signal.throwIfAborted();
    const from: string = after;
    after = await ctx.transaction(async (tx) =>
      (await isStill(tx, index, segment)) ? rewriteSome(tx, segment, alive, from) : null,
    );
  }
  await ctx.transaction(async (tx) => {
    if (await isStill(tx, index, segment)) await noteRewritten(tx, segment, alive.count);
  });
}

interface ListRow {
  readonly term: string;
  readonly segment: number;
  readonly postings: Uint8Array;
}

/** @returns the last term that was done; null when all are. */
async function rewriteSome(
  tx: TransactionContext,
  { first, next }: Segment,
  alive: Alive,
  after: string,
): Promise<string | null> {
  const rows = await tx.sql<ListRow>(
    `select term::text as term, segment, postings from knowledge_postings
     where workspace_id = $1 and term > $2::bigint and segment >= $3 and segment < $4
     order by knowledge_postings.term, segment limit ${listsMax}`,
    [tx.workspaceId, after, first, next],
  );
  const last = rows.at(-1);
  if (!last) return null;
  // Of the last one there may be more.
  const isPart = rows.length === listsMax;
  const whole = isPart ? rows.filter(({ term }) => term !== last.term) : rows;
  const changed = await lettingOthersIn(mergeLists(whole, first, alive));
  await tx.sql(
    `delete from knowledge_postings
     where workspace_id = $1 and term = any($2::bigint[]) and segment >= $3 and segment < $4`,
    [tx.workspaceId, changed.map(({ term }) => term), first, next],
  );
  await storePostings(
    tx,
    first,
    changed.filter(({ count }) => count > 0),
  );
  return isPart ? (whole.at(-1)?.term ?? null) : null;
}

const step = 100;

/** @returns those that are other lists than before */
function* mergeLists(
  rows: readonly ListRow[],
  base: number,
  alive: Alive,
): Generator<undefined, StoredPostings[]> {
  const changed: StoredPostings[] = [];
  let done = 0;
  for (const [term, lists] of Map.groupBy(rows, (row) => row.term)) {
    done += 1;
    if (done % step === 0) yield;
    const numbers: number[] = [];
    const impacts: number[] = [];
    let isSame = lists.length === 1 && lists[0]?.segment === base;
    for (const { postings, segment } of lists) {
      eachPosting(postings, segment, (number, impact) => {
        if (!alive.has(number)) {
          isSame = false;
          return;
        }
        numbers.push(number);
        impacts.push(impact);
      });
    }
    if (isSame) continue;
    const isWeighted = lists.some(({ postings }) => hasImpacts(postings));
    const postings = encodePostings({ numbers, impacts: isWeighted ? impacts : null }, base);
    changed.push({ term, count: numbers.length, postings });
  }
  return changed;
}

async function noteRewritten(tx: TransactionContext, { first, passages, lengths }: Segment, left: number) {
  if (left === 0) {
    await tx.sql('delete from knowledge_segments where workspace_id = $1 and first = $2', [
      tx.workspaceId,
      first,
    ]);
    return;
  }
  await tx.sql(
    `update knowledge_segments set passages = $3, lengths = $4::float8[], unmerged = false
     where workspace_id = $1 and first = $2`,
    [tx.workspaceId, first, left, lengths.map((length) => (length * left) / passages)],
  );
}
