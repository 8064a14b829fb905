import { createHash } from 'node:crypto';
import type { TrainingData } from '@parley/contract/training-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import type { Context } from '../../../core/context.ts';
import { findPassages, passagesOf } from '../knowledge.ts';
import { forgetIndex, makeHead } from './head.ts';
import { index } from './job.ts';
import { eachPosting } from './postings.ts';
import { storeSome } from './store-documents.ts';
import { mergeSegments, sweepSegments } from './tidy.ts';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ environment: { KNOWLEDGE_CHARACTERS_IN_MEMORY: '3000' } });
});
afterAll(() => test.close());

const never = new AbortController().signal;
const path = '/api/v1/training-data';
const letters = [...'abcdefghijklmnopqrstuvwxyz'];

/** @returns the ids of their documents */
async function give(workspace: TestWorkspace, contents: readonly string[]): Promise<string[]> {
  const { ctx } = workspace;
  const ids: string[] = [];
  for (const [at, content] of contents.entries()) {
    const given = { kind: 'text', title: `Text ${at}`, content };
    const { id } = (await workspace.as('admin').post<TrainingData>(path, given)).body;
    const [row] = await ctx.transaction((tx) =>
      tx.sql<{ id: string }>('select id from training_documents where training_data_id = $1', [id]),
    );
    ids.push(row?.id ?? '');
  }
  await test.settled();
  return ids;
}

/** A word that stands nowhere else, and many more: a handful of documents has more lists than one transaction rewrites. */
const marked = (letter: string) =>
  [
    `Here stands the marker quokka${letter} on its own.`,
    Array.from({ length: 150 }, (_, word) =>
      createHash('sha256').update(`${letter} ${word}`).digest('hex').slice(0, 9),
    ).join(' '),
  ].join('\n\n');

async function expectMarkers({ ctx }: TestWorkspace, which: readonly string[]): Promise<void> {
  for (const letter of which) {
    const [found] = await findPassages(await passagesOf(ctx), `marker quokka${letter}`, 'en', 1);
    expect(found?.text).toContain(`quokka${letter} `);
  }
}

const setIndexed = ({ ctx }: TestWorkspace, ids: readonly string[], version: 'version' | 'null') =>
  ctx.transaction((tx) =>
    tx.sql(`update training_documents set indexed_version = ${version} where id = any($1::uuid[])`, [ids]),
  );

/** Stores them once more, each as a segment of its own. */
async function storeEach(workspace: TestWorkspace, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await setIndexed(workspace, [id], 'null');
    expect(await storeSome(workspace.ctx, never)).toBe('more');
  }
}

/** The same workspace, to a worker that others get ahead of: `between` runs after each of its transactions. */
function interrupted(ctx: Context, between: (transactions: number) => Promise<void> | void): Context {
  let transactions = 0;
  return {
    ...ctx,
    transaction: async (work) => {
      const result = await ctx.transaction(work);
      transactions += 1;
      await between(transactions);
      return result;
    },
  };
}

/** Which lists name each passage that is there. */
async function listed({ ctx }: TestWorkspace): Promise<Map<number, string>> {
  const [passages, lists] = await ctx.transaction(async (tx) => [
    await tx.sql<{ number: number }>('select number from knowledge_passages where workspace_id = $1', [
      tx.workspaceId,
    ]),
    await tx.sql<{ term: string; segment: number; postings: Uint8Array }>(
      'select term::text as term, segment, postings from knowledge_postings where workspace_id = $1',
      [tx.workspaceId],
    ),
  ]);
  const terms = new Map(passages.map(({ number }) => [number, [] as string[]]));
  for (const { term, segment, postings } of lists)
    eachPosting(postings, segment, (number) => terms.get(number)?.push(term));
  return new Map([...terms].sort(([a], [b]) => a - b).map(([number, of]) => [number, of.sort().join()]));
}

const segments = ({ ctx }: TestWorkspace) =>
  ctx.transaction((tx) =>
    tx.sql<{ first: number; next: number; passages: number; apart: number }>(
      `select first, next, passages, (select count(*)::int from knowledge_postings p
         where p.workspace_id = s.workspace_id and p.segment > s.first and p.segment < s.next) as apart
       from knowledge_segments s where workspace_id = $1 order by first`,
      [tx.workspaceId],
    ),
  );

const jobRun = { id: '', attempt: 0, isLastAttempt: false, signal: never };

describe('segments that are half merged', () => {
  const some = letters.slice(0, 9);

  /** Nine segments, and a worker that was stopped after it had merged the first lists of eight. */
  async function halfMerged() {
    const workspace = await test.workspace();
    const ids = await give(workspace, some.map(marked));
    await storeEach(workspace, ids);
    await sweepSegments(workspace.ctx, never);
    const before = await listed(workspace);
    const stopping = new AbortController();
    const lists = async () =>
      workspace.ctx.transaction(async (tx) => {
        const [row] = await tx.sql<{ count: number }>(
          'select count(*)::int as count from knowledge_postings where workspace_id = $1',
          [tx.workspaceId],
        );
        return row?.count ?? 0;
      });
    const all = await lists();
    const ctx = interrupted(workspace.ctx, async () => {
      if ((await lists()) < all) stopping.abort();
    });
    await expect(mergeSegments(ctx, stopping.signal)).rejects.toThrow();
    return { workspace, ids, before };
  }

  it('lose nothing to a sweep', async () => {
    const { workspace, ids, before } = await halfMerged();
    await workspace.ctx.transaction((tx) => tx.sql('delete from training_documents where id = $1', [ids[0]]));
    await sweepSegments(workspace.ctx, never);
    const after = await listed(workspace);
    expect(after).toEqual(new Map([...before].filter(([number]) => after.has(number))));
    await expectMarkers(workspace, some.slice(1));
  });

  it('lose nothing to a sweep that began before the merge', async () => {
    const workspace = await test.workspace();
    const ids = await give(workspace, some.map(marked));
    await storeEach(workspace, ids);
    await workspace.ctx.transaction((tx) => tx.sql('delete from training_documents where id = $1', [ids[0]]));
    const before = await listed(workspace);
    let isMerged = false;
    const ctx = interrupted(workspace.ctx, async (transactions) => {
      if (isMerged || transactions < 3) return;
      isMerged = true;
      await mergeSegments(workspace.ctx, never);
    });
    await sweepSegments(ctx, never);
    expect(await listed(workspace)).toEqual(before);
    await expectMarkers(workspace, some.slice(1));
  });

  it('are ended by the next job, also when there is nothing to store', async () => {
    const { workspace, before } = await halfMerged();
    expect((await segments(workspace)).some(({ apart }) => apart > 0)).toBe(true);
    await index(workspace.ctx, {}, jobRun);
    expect((await segments(workspace)).filter(({ apart }) => apart > 0)).toEqual([]);
    expect(await listed(workspace)).toEqual(before);
    await expectMarkers(workspace, some);
  });
});

describe('a worker that others get ahead of', () => {
  it('adds a segment behind theirs, and merging them loses nothing', async () => {
    const workspace = await test.workspace();
    const some = letters.slice(0, 25);
    const ids = await give(
      workspace,
      some.map(
        (letter) => `Here stands the marker quokka${letter} on its own. ${'It is a long day. '.repeat(9)}`,
      ),
    );
    await storeEach(workspace, ids);
    const [late, ...others] = ids;
    if (!late) throw new Error('nothing was given');
    await setIndexed(workspace, [late], 'null');
    const ctx = interrupted(workspace.ctx, async (transactions) => {
      if (transactions < 2 || transactions > 3) return;
      await setIndexed(workspace, [late], 'version');
      await storeEach(workspace, others.slice(0, 8));
      await mergeSegments(workspace.ctx, never);
      await setIndexed(workspace, [late], 'null');
    });
    await storeSome(ctx, never);
    await storeEach(workspace, others.slice(8));
    await mergeSegments(workspace.ctx, never);
    const rows = await segments(workspace);
    for (const [at, { next }] of rows.entries())
      expect(next).toBeLessThanOrEqual(rows[at + 1]?.first ?? Number.POSITIVE_INFINITY);
    for (const terms of (await listed(workspace)).values()) expect(terms.length).toBeGreaterThan(100);
    await expectMarkers(workspace, some);
  });

  it('stores nothing by the key of an index that was forgotten meanwhile', async () => {
    const workspace = await test.workspace();
    const some = letters.slice(0, 5);
    const ids = await give(workspace, some.map(marked));
    await setIndexed(workspace, ids, 'null');
    let isForgotten = false;
    const ctx = interrupted(workspace.ctx, async (transactions) => {
      if (isForgotten || transactions < 2) return;
      isForgotten = true;
      await forgetIndex(workspace.ctx);
      await makeHead(workspace.ctx);
    });
    expect(await storeSome(ctx, never)).toBe('elsewhere');
    expect(await segments(workspace)).toEqual([]);
    await index(workspace.ctx, {}, jobRun);
    await expectMarkers(workspace, some);
  });

  it('stores a long document once, though another one stores it at the same time', async () => {
    const workspace = await test.workspace();
    const content = Array.from({ length: 3300 }, (_, at) => `## ${at}\n\nOn ${at}.`).join('\n\n');
    const [id] = await give(workspace, [content]);
    await setIndexed(workspace, [id ?? ''], 'null');
    const work = async () => {
      for (let progress = 'more'; progress !== 'done'; ) progress = await storeSome(workspace.ctx, never);
    };
    await Promise.all([work(), work()]);
    const [row] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ known: number; stored: number }>(
        `select passages as known, (select count(*)::int from knowledge_passages where document_id = d.id) as stored
         from training_documents d where id = $1`,
        [id],
      ),
    );
    expect(row?.known).toBeGreaterThan(2048);
    expect(row?.stored).toBe(row?.known);
  });
});

it('documents without passages make no segments', async () => {
  const workspace = await test.workspace();
  const ids = await give(workspace, [...letters.slice(0, 5).map(marked), '---', '***']);
  await storeEach(workspace, ids.slice(5));
  await storeEach(workspace, ids.slice(0, 1));
  expect((await segments(workspace)).filter(({ first, next }) => first === next)).toEqual([]);
  expect(await storeSome(workspace.ctx, never)).toBe('done');
  await expectMarkers(workspace, letters.slice(0, 5));
});

it('what a document says now is found, though the lists still name what it said many times before', async () => {
  const workspace = await test.workspace();
  const ids = await give(workspace, [
    ...letters.slice(0, 5).map(marked),
    Array.from({ length: 30 }, (_, at) => `## Wombat ${at}\n\nThe wombat eats grass.`).join('\n\n'),
  ]);
  for (let at = 0; at < 4; at += 1) await storeEach(workspace, ids.slice(5));
  const [found] = await findPassages(await passagesOf(workspace.ctx), 'What does the wombat eat?', 'en', 1);
  expect(found?.text).toContain('The wombat eats grass');
});
