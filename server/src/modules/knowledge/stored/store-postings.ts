// Writes lists of passages into the database, many in one statement.
import type { TransactionContext } from '../../../core/context.ts';
import type { StoredPostings } from './segment-builder.ts';

/** Bytes of one statement: each list is cut out of one value by its place in it. */
const bytesMax = 4_000_000;

const insertPostings = {
  name: 'knowledge_postings_insert',
  text: `insert into knowledge_postings (workspace_id, term, segment, count, postings)
    select $1, r.term, $2, r.count, substring($3::bytea from r.start for r.length)
    from unnest($4::bigint[], $5::int[], $6::int[], $7::int[]) as r(term, count, start, length)`,
};

export async function storePostings(
  tx: TransactionContext,
  segment: number,
  lists: Iterable<StoredPostings>,
): Promise<void> {
  let batch: StoredPostings[] = [];
  let bytes = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    let start = 1;
    const starts = batch.map(({ postings }) => {
      start += postings.length;
      return start - postings.length;
    });
    await tx.sql(insertPostings, [
      tx.workspaceId,
      segment,
      Buffer.concat(batch.map(({ postings }) => postings)),
      batch.map(({ term }) => term),
      batch.map(({ count }) => count),
      starts,
      batch.map(({ postings }) => postings.length),
    ]);
    batch = [];
    bytes = 0;
  };
  for (const list of lists) {
    batch.push(list);
    bytes += list.postings.length;
    if (bytes >= bytesMax) await flush();
  }
  await flush();
}
