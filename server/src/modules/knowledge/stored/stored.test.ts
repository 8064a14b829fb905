import { createHash } from 'node:crypto';
import type { Run } from '@parley/contract/runs';
import type { TrainingData } from '@parley/contract/training-data';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../../test/harness.ts';
import { uploadTraining, whenRead } from '../../../../test/training.ts';
import { startTwilio, type TestTwilio } from '../../../../test/twilio.ts';
import type { Context } from '../../../core/context.ts';
import { sweepKnowledge } from '../jobs.ts';
import { findPassages, passagesOf } from '../knowledge.ts';
import { storeSome } from './store-documents.ts';
import { mergeSegments, sweepSegments } from './tidy.ts';

const inMemoryMax = 3000;
const path = '/api/v1/training-data';

let test: TestApp;
let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await startTwilio();
  test = await startTestApp({
    environment: { ...twilio.environment, KNOWLEDGE_CHARACTERS_IN_MEMORY: String(inMemoryMax) },
  });
});
afterAll(async () => {
  await test.close();
  await twilio.close();
});

const find = async ({ ctx }: TestWorkspace, question: string, limit = 1) =>
  findPassages(await passagesOf(ctx), question, 'en', limit);

const best = async (workspace: TestWorkspace, question: string) => (await find(workspace, question))[0]?.text;

const isStored = async ({ ctx }: TestWorkspace) => !(await passagesOf(ctx)).isAtOnce;

const give = async (workspace: TestWorkspace, title: string, content: string) =>
  (await workspace.as('admin').post<TrainingData>(path, { kind: 'text', title, content })).body;

/** Paragraphs about many things, each with a word that no other has. */
const paragraphs = (count: number, from = 0) =>
  Array.from(
    { length: count },
    (_, at) =>
      `## Shelf ${from + at}\nOn shelf number ${from + at} we keep the lantern called glow${'abcdefghij'[at % 10]}${from + at}, which was made by hand and burns for ${3 + (at % 7)} hours.`,
  ).join('\n\n');

/** A workspace that knows more than is kept in memory. */
async function largeWorkspace(): Promise<TestWorkspace> {
  const workspace = await test.workspace();
  await give(workspace, 'Lanterns', paragraphs(40));
  await give(workspace, 'Bicycles', 'We repair bicycles on Tuesdays. A new chain costs 30 euros.');
  await test.settled();
  return workspace;
}

const count = async ({ ctx }: TestWorkspace, table: string): Promise<number> => {
  const [row] = await ctx.transaction((tx) =>
    tx.sql<{ count: number }>(`select count(*)::int as count from ${table} where workspace_id = $1`, [
      ctx.workspaceId,
    ]),
  );
  return row?.count ?? 0;
};

describe('knowledge that is more than is kept in memory', () => {
  it('is searched in the database, with headings, titles and support as in memory', async () => {
    const workspace = await largeWorkspace();
    expect(await isStored(workspace)).toBe(true);
    const [found] = await find(workspace, 'Where is the lantern glowd13?');
    expect(found).toMatchObject({
      heading: 'Shelf 13',
      title: 'Lanterns',
      language: 'en',
      version: 1,
      page: null,
    });
    expect(found?.text).toContain('glowd13');
    expect(found?.support).toBeGreaterThan(0.3);
    expect((await find(workspace, 'What does a new bicycle chain cost?'))[0]?.support).toBeGreaterThan(0.6);
    expect(await find(workspace, 'zzzz qqqq')).toEqual([]);
  });

  it('is not answered from where it is held back, and takes no place of what is used', async () => {
    const workspace = await largeWorkspace();
    const question = 'Where is the lantern?';
    const heldBack = await give(workspace, 'Other lanterns', paragraphs(60, 100));
    await workspace.as('admin').put(`${path}/${heldBack.id}`, { live: false });
    await test.settled();
    expect(await isStored(workspace)).toBe(true);
    const titles = async (change?: Parameters<typeof passagesOf>[1]) => {
      const found = await findPassages(await passagesOf(workspace.ctx, change), question, 'en', 10);
      return [...new Set(found.map(({ title }) => title))];
    };
    expect(await titles()).toEqual(['Lanterns']);
    const lanterns = (await find(workspace, question))[0]?.textId ?? '';
    expect(await titles({ with: [heldBack.id], without: [lanterns] })).toEqual(['Other lanterns']);
    await workspace.as('admin').put(`${path}/${heldBack.id}`, { live: true });
    expect((await find(workspace, 'Where is the lantern glowd113?'))[0]?.title).toBe('Other lanterns');
  });

  it('is found by a word with a typing mistake', async () => {
    const workspace = await largeWorkspace();
    expect(await best(workspace, 'do you rapair bycicles?')).toContain('We repair bicycles');
  });

  it('is found by another word for the same', async () => {
    const workspace = await largeWorkspace();
    await give(workspace, 'Pagos', 'Aceptamos tarjetas y efectivo.');
    await test.settled();
    expect(await best(workspace, 'can I pay in cash?')).toContain('Aceptamos');
  });

  it('is ranked as it is in memory', async () => {
    const large = await largeWorkspace();
    const small = await test.workspace();
    await give(small, 'Bicycles', 'We repair bicycles on Tuesdays. A new chain costs 30 euros.');
    await give(small, 'Lanterns', paragraphs(12));
    await test.settled();
    expect(await isStored(small)).toBe(false);
    for (const question of [
      'lantern glowb1',
      'price of a chain',
      'which day for repairs?',
      'what is on shelf 7?',
    ])
      expect(await best(large, question)).toBe(await best(small, question));
  });

  it('answers a contact with the built-in model', async () => {
    const workspace = await largeWorkspace();
    const channel = await twilio.connectTwilio(workspace);
    await twilio.text({
      from: '+15551230002',
      to: channel.address,
      body: 'What does a new bicycle chain cost?',
    });
    const run = await test.until('the run to end', async () => {
      const { items } = (await workspace.as('admin').get<{ items: Run[] }>('/api/v1/runs')).body;
      return items.find(({ status }) => status !== 'active');
    });
    expect(run).toMatchObject({ outcome: 'answered', model: 'parley/builtin' });
    expect(run.readPassages.find(({ cited }) => cited)).toMatchObject({ title: 'Bicycles' });
  });

  it('leaves no word of it in the database', async () => {
    const workspace = await largeWorkspace();
    const found = await test.kernel.database.asSystem(async (queries) => {
      const rows: unknown[] = [];
      for (const table of [
        'knowledge_indexes',
        'knowledge_passages',
        'knowledge_segments',
        'knowledge_postings',
      ])
        rows.push(...(await queries.sql(`select * from ${table} where workspace_id = $1`, [workspace.id])));
      return rows;
    });
    expect(found.length).toBeGreaterThan(100);
    const bytes = found.map((row) =>
      Object.values(row as Record<string, unknown>)
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)))
        .join(),
    );
    expect(bytes.join('\n')).not.toMatch(/lantern|bicycl|shelf|glow/i);
  });

  it('has other hashes for the same words in another workspace', async () => {
    const [one, other] = [await largeWorkspace(), await largeWorkspace()];
    const [row] = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ shared: number }>(
        `select count(*)::int as shared from knowledge_postings a join knowledge_postings b on b.term = a.term
         where a.workspace_id = $1 and b.workspace_id = $2`,
        [one.id, other.id],
      ),
    );
    expect(row?.shared).toBe(0);
  });
});

describe('a change of stored knowledge', () => {
  it('is found once it was stored, and what it replaced is not', async () => {
    const workspace = await largeWorkspace();
    const data = await give(workspace, 'Parking', 'You may park a wagon behind the house.');
    await test.settled();
    expect(await best(workspace, 'where may I park a wagon?')).toContain('behind the house');
    await workspace
      .as('admin')
      .put(`${path}/${data.id}`, { content: 'You may park a wagon in front of the church.' });
    await test.settled();
    expect(await best(workspace, 'where may I park a wagon?')).toContain('church');
    expect((await find(workspace, 'park behind the house', 20)).map(({ text }) => text).join()).not.toContain(
      'behind the house',
    );
  });

  it('keeps what was deleted from being found at once, and takes it out of the lists', async () => {
    const workspace = await largeWorkspace();
    const data = await give(workspace, 'Secret', 'The zanzibar recipe needs quincunx and marmalade.');
    await test.settled();
    const before = await count(workspace, 'knowledge_postings');
    expect(await best(workspace, 'zanzibar recipe')).toContain('quincunx');
    const knowledge = await passagesOf(workspace.ctx);
    expect((await workspace.as('admin').delete(`${path}/${data.id}`)).status).toBe(204);
    expect(
      (await findPassages(knowledge, 'zanzibar recipe', 'en', 5)).map(({ text }) => text).join(),
    ).not.toContain('quincunx');
    await workspace.ctx.transaction(async (tx) => tx.enqueue(sweepKnowledge, {}, { key: 'now' }));
    await test.settled();
    await test.until(
      'the lists to be swept',
      async () => (await count(workspace, 'knowledge_postings')) < before,
    );
    const [left] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ passages: number; listed: number; segments: number }>(
        `select (select count(*)::int from knowledge_passages where workspace_id = $1) as passages,
           (select sum(passages)::int from knowledge_segments where workspace_id = $1) as listed,
           (select count(*)::int from knowledge_segments where workspace_id = $1) as segments`,
        [workspace.id],
      ),
    );
    expect(left?.listed).toBe(left?.passages);
    expect(await best(workspace, 'lantern glowd13')).toContain('glowd13');
  });

  it('becomes few segments, in which everything is found', async () => {
    const workspace = await largeWorkspace();
    for (let at = 0; at < 20; at += 1) {
      await give(workspace, `More ${at}`, paragraphs(2, 100 + at * 2));
      await test.settled();
    }
    expect(await count(workspace, 'knowledge_segments')).toBeLessThan(9);
    for (const shelf of [100, 117, 139]) {
      const letter = 'abcdefghij'[(shelf - 100) % 2];
      expect(await best(workspace, `lantern glow${letter}${shelf}`)).toContain(`glow${letter}${shelf},`);
    }
    expect(await best(workspace, 'lantern glowd13')).toContain('glowd13');
  });

  it('is as good to search when the worker that merges is stopped in the middle', async () => {
    const workspace = await largeWorkspace();
    // More lists than are rewritten in one transaction.
    const words = (at: number) =>
      Array.from({ length: 150 }, (_, word) =>
        createHash('sha256').update(`${at} ${word}`).digest('hex').slice(0, 9),
      );
    const documents: string[] = [];
    for (let at = 0; at < 9; at += 1) {
      const marker = `Here stands the marker quokka${'abcdefghi'[at]} on its own.`;
      documents.push((await give(workspace, `Words ${at}`, `${marker}\n\n${words(at).join(' ')}`)).id);
    }
    await test.settled();
    const never = new AbortController().signal;
    for (const id of documents) {
      await workspace.ctx.transaction((tx) =>
        tx.sql('update training_documents set indexed_version = null where training_data_id = $1', [id]),
      );
      await storeSome(workspace.ctx, never);
    }
    const stopping = new AbortController();
    let transactions = 0;
    const stopped: Context = {
      ...workspace.ctx,
      transaction: async (work) => {
        const result = await workspace.ctx.transaction(work);
        transactions += 1;
        if (transactions === 3) stopping.abort();
        return result;
      },
    };
    const markers = async () => {
      for (const letter of 'abcdefghi')
        expect(await best(workspace, `marker quokka${letter}`)).toContain(`quokka${letter} `);
    };
    await expect(mergeSegments(stopped, stopping.signal)).rejects.toThrow();
    await markers();
    await mergeSegments(workspace.ctx, never);
    await markers();
    expect(await count(workspace, 'knowledge_segments')).toBeLessThan(9);
  });

  it('is worked off by several workers at once as by one', async () => {
    const workspace = await largeWorkspace();
    const never = new AbortController().signal;
    await workspace.ctx.transaction((tx) =>
      tx.sql('update training_documents set indexed_version = null where workspace_id = $1', [
        tx.workspaceId,
      ]),
    );
    const work = async () => {
      for (let progress = 'more'; progress !== 'done'; ) progress = await storeSome(workspace.ctx, never);
    };
    await Promise.all([work(), work(), work()]);
    await sweepSegments(workspace.ctx, never);
    const [row] = await workspace.ctx.transaction((tx) =>
      tx.sql<{ waiting: number; stored: number; known: number }>(
        `select count(*) filter (where indexed_version is null)::int as waiting, sum(passages)::int as known,
           (select count(*)::int from knowledge_passages where workspace_id = $1) as stored
         from training_documents where workspace_id = $1`,
        [workspace.id],
      ),
    );
    expect(row).toEqual({ waiting: 0, stored: row?.known, known: row?.known });
    expect(await best(workspace, 'lantern glowd13')).toContain('glowd13');
  });
});

describe('knowledge around the limit', () => {
  it('goes on to be found in memory until all of it was stored', async () => {
    const workspace = await test.workspace();
    await give(workspace, 'Bicycles', 'We repair bicycles on Tuesdays.');
    expect(await best(workspace, 'bicycles')).toContain('Tuesdays');
    await give(workspace, 'Lanterns', paragraphs(40));
    expect(await best(workspace, 'bicycles')).toContain('Tuesdays');
    await test.settled();
    expect(await isStored(workspace)).toBe(true);
    expect(await best(workspace, 'bicycles')).toContain('Tuesdays');
  });

  it('leaves nothing in the database once there is little of it again', async () => {
    const workspace = await largeWorkspace();
    const { body } = await workspace.as('admin').get<{ items: TrainingData[] }>(path);
    const lanterns = body.items.find(({ title }) => title === 'Lanterns');
    await workspace.as('admin').delete(`${path}/${lanterns?.id}`);
    await test.settled();
    expect(await isStored(workspace)).toBe(false);
    expect(await best(workspace, 'bicycle chain')).toContain('30 euros');
    for (const table of [
      'knowledge_indexes',
      'knowledge_passages',
      'knowledge_segments',
      'knowledge_postings',
    ])
      expect(await count(workspace, table)).toBe(0);
  });

  it('takes a file that is longer than what is kept in memory', async () => {
    const workspace = await test.workspace();
    const { body } = await uploadTraining(test, workspace, Buffer.from(paragraphs(60)), 'lanterns.md');
    expect(await whenRead(test, workspace, body.id)).toMatchObject({ state: 'ready' });
    await test.settled();
    expect(await isStored(workspace)).toBe(true);
    expect(await best(workspace, 'lantern glowh57')).toContain('glowh57');
  });
});
