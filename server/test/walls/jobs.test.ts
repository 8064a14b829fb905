// Every job, run for one workspace with ids of another in its input: it finds nothing there, and does nothing there.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { modules } from '../../src/app.ts';
import { databaseErrorCode } from '../../src/core/errors.ts';
import { newId } from '../../src/core/identifiers.ts';
import { defineJob, type JobHandler, work } from '../../src/core/queue.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../harness.ts';
import { Planter } from '../plant.ts';
import { example } from '../routes.ts';
import { type Canaries, plantCanaries } from './canaries.ts';
import { writeFigures } from './figures.ts';

/** What a job sees that looks without a guard of its own. */
const looked: { table: string; workspaces: string[] }[] = [];
let tables: string[] = [];
const look = defineJob({
  name: 'test.look',
  doc: 'Looks everywhere.',
  input: z.object({}),
  effect: 'database',
});
const jobs = modules.flatMap((module) => module.jobs ?? []).filter(({ job }) => job.effect !== 'system');

let test: TestApp;
let planter: Planter;
let mine: TestWorkspace;
let theirs: TestWorkspace;
let canaries: Canaries;
beforeAll(async () => {
  test = await startTestApp({
    environment: { TWILIO_API_URL: 'http://127.0.0.1:9' },
    modules: [
      {
        name: 'test',
        jobs: [
          work(look, async (tx) => {
            for (const table of tables) {
              const rows = await tx.sql<{ workspace_id: string }>(
                `select distinct workspace_id from ${table}`,
              );
              looked.push({ table, workspaces: rows.map((row) => row.workspace_id) });
            }
          }),
        ],
      },
    ],
  });
  planter = await Planter.read(test.kernel.database);
  mine = await test.workspace();
  theirs = await test.workspace();
});
afterAll(() => test.close());

it('row-level security holds for jobs: one that looks everywhere sees its own workspace', async () => {
  await planter.plantWorkspace(mine.id);
  // Only the keyring may look there.
  tables = planter.tables.filter((table) => planter.hasWorkspace(table) && table !== 'workspace_keys');
  await planter.plantWorkspace(theirs.id);
  await mine.ctx.transaction(async (tx) => tx.enqueue(look, {}));
  await test.until('the job', async () => looked.length === tables.length);
  expect(looked.filter(({ workspaces }) => workspaces.some((id) => id !== mine.id))).toEqual([]);
  expect(looked.length).toBeGreaterThan(40);
});

it('a job that would act in another workspace than it was enqueued for is run by nobody', async () => {
  const count = looked.length;
  await mine.ctx.transaction(async (tx) =>
    tx.enqueue(look, {}, { startAfter: new Date(Date.now() + 3_600_000) }),
  );
  await test.kernel.database.asOwner((queries) =>
    queries.sql(
      `update pgboss.job set data = jsonb_set(data, '{workspaceId}', to_jsonb($1::text)), start_after = now()
       where name = 'test.look' and state < 'active'`,
      [theirs.id],
    ),
  );
  test.kernel.queue.wakeAt('test.look', new Date());
  await test.event('job.refused', ({ workspaceId }) => workspaceId === theirs.id);
  expect(looked).toHaveLength(count);
});

async function rowsOf(workspaceId: string, without: readonly string[] = []): Promise<string[]> {
  const found: string[] = [];
  for (const table of planter.tables.filter((one) => planter.hasWorkspace(one) && !without.includes(one))) {
    const rows = await test.kernel.database.asSystem((queries) =>
      queries.sql<{ row: string }>(
        `select to_jsonb(t)::text as row from ${table} t where workspace_id = $1`,
        [workspaceId],
      ),
    );
    found.push(...rows.map(({ row }) => `${table} ${row}`));
  }
  return found.sort();
}

/** Runs it as a worker does, once; whether it does anything, or fails, is its own affair. */
async function run({ job, run: does }: JobHandler, input: unknown): Promise<string> {
  const attempt = { id: newId(), attempt: 0, isLastAttempt: false, signal: AbortSignal.timeout(10_000) };
  try {
    if (job.effect === 'database')
      await mine.ctx.transaction((tx) => does(tx as never, input as never, attempt));
    else await does(mine.ctx as never, input as never, attempt);
    return 'done';
  } catch (error) {
    return databaseErrorCode(error) ?? (error as Error).name;
  }
}

it('every job of one workspace, with ids of another, changes and reveals nothing of it', async () => {
  await test.kernel.queue.stop(5000);
  canaries = await plantCanaries(test, theirs);
  // How far the log was read for the search, by who follows it: no job of anybody's.
  const followed = ['search_indexes', 'search_documents'];
  const before = await rowsOf(theirs.id, followed);
  let tried = 0;
  for (const handler of jobs) {
    const schema = z.toJSONSchema(handler.job.input as z.ZodType, { io: 'input', unrepresentable: 'any' });
    for (const id of canaries.ids) {
      const input = handler.job.input.safeParse(example(schema as never, id));
      // What is no input is refused before it is run.
      if (!input.success) continue;
      tried += 1;
      const outcome = await run(handler, input.data);
      // 42501: row-level security stopped what the job itself would have done.
      expect([handler.job.name, outcome]).not.toEqual([handler.job.name, '42501']);
    }
  }
  expect(await rowsOf(theirs.id, followed)).toEqual(before);
  // What they told, wrote and logged holds nothing of it but, at most, the id that they were given.
  const content = (await rowsOf(mine.id)).filter((row) => row.includes('quokka') || row.includes(theirs.id));
  expect(content).toEqual([]);
  expect(test.logged.filter((line) => line.includes('quokka '))).toEqual([]);
  const events = await test.kernel.events.read(mine.id, 0, 10_000);
  expect(JSON.stringify(events)).not.toContain(theirs.id);
  await writeFigures('jobs', { jobs: jobs.length, tried, leaks: content.length });
}, 300_000);
