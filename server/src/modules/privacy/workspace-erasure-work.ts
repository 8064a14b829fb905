// The work of erasing a workspace. One transaction destroys its keys, so that whatever it sealed is unreadable from then on, and lets
// nobody in any more; after it, rows, waiting jobs and files go in batches. Killed anywhere, the next run goes on: it begins at
// the front and finds nothing there. What is left is one row with an id, moments and figures.
import type { ErasureObstacle } from '@parley/contract/privacy';
import { z } from 'zod';
import { definePort, type SystemContext } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import { storagePort } from '../../core/storage.ts';
import { channelsTopic, disconnectAll } from '../channels/channels.ts';
import { endAccess, ownersOf } from '../tenancy/tenancy.ts';
import { declaredTables } from './declared.ts';
import { obstacleOf } from './workspace-erasure.ts';
import { erasureMail } from './workspace-erasure-mails.ts';
import { childrenFirst, deleteBatch } from './workspace-erasure-rows.ts';

export const eraseWorkspaces = defineJob({
  name: 'privacy.erase_workspaces',
  doc: 'Erases workspaces whose time has come, in batches, and goes on with those whose process was lost.',
  input: z.object({}),
  effect: 'system',
  timeoutSeconds: 600,
});

const batchUsual = 500;
/** Of one run; the next minute's goes on. */
const workMs = 5 * 60_000;
/** Who holds an opened key, or a transaction, from before: everything is looked through again for so long. */
const lookAgainMs = 15 * 60_000;

export interface WorkspaceErasureFigures {
  readonly state: 'waiting' | 'running' | 'done';
  readonly rows: number;
  readonly files: number;
}

export interface WorkspaceErasureWork {
  /** Destroys the keys where the time has come. Returns what keeps it from that. */
  begin(workspaceId: string): Promise<ErasureObstacle | null>;
  /** Deletes what is left. @param each called after every batch @throws when the signal aborts */
  goOn(workspaceId: string, signal: AbortSignal, each?: () => void, limit?: number): Promise<void>;
  /** How far it is, and what is gone by now; null where none was set. */
  figures(workspaceId: string): Promise<WorkspaceErasureFigures | null>;
}

export const workspaceErasureWork = definePort<WorkspaceErasureWork>('workspace erasure work');

/** The schedule. */
export async function eraseDueWorkspaces(
  ctx: SystemContext,
  _: unknown,
  { signal }: Pick<JobRun, 'signal'>,
): Promise<void> {
  const work = ctx.use(workspaceErasureWork);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(workMs)]);
  const now = ctx.clock.date();
  const due = await ctx.system((queries) =>
    queries.sql<{ workspace_id: string }>(
      `select workspace_id from workspace_erasures where (state = 'waiting' and begins_at <= $1) or state = 'running'
         or finished_at > $2 order by begins_at`,
      [now, new Date(now.getTime() - lookAgainMs)],
    ),
  );
  for (const { workspace_id } of due) {
    const obstacle = await work.begin(workspace_id);
    if (obstacle) ctx.log.warn({ workspace_id, obstacle }, 'a workspace is not erased yet');
    else await work.goOn(workspace_id, limited);
  }
}

export function createWorkspaceErasureWork(kernel: Kernel): WorkspaceErasureWork {
  return {
    begin: (workspaceId) => begin(kernel, workspaceId),
    goOn: (workspaceId, signal, each = () => undefined, limit = batchUsual) =>
      new Erasing(kernel, workspaceId, signal, each, limit).run(),
    figures: async (workspaceId) => {
      const [row] = await kernel.database.asSystem((queries) =>
        queries.sql<WorkspaceErasureFigures>(
          `select state, (select coalesce(sum((c ->> 'rows')::int), 0)::int from jsonb_array_elements(counts) c) as rows, files
           from workspace_erasures where workspace_id = $1`,
          [workspaceId],
        ),
      );
      return row ?? null;
    },
  };
}

async function begin(kernel: Kernel, workspaceId: string): Promise<ErasureObstacle | null> {
  const now = kernel.clock.date();
  const begun = await kernel.systemTransaction(async (queries, enqueue) => {
    const { obstacle } = await obstacleOf({ sql: queries.sql, workspaceId });
    const [row] = await queries.sql<{ begins_at: Date | string }>(
      `select begins_at from workspace_erasures where workspace_id = $1 and state = 'waiting' and begins_at <= $2 for update`,
      [workspaceId, now],
    );
    if (!row || obstacle) return { obstacle: row ? obstacle : null, keysGone: false };
    const { workspace, owners } = await ownersOf(queries, workspaceId);
    await kernel.keyring.destroyWithin(queries, workspaceId);
    await endAccess(queries, workspaceId);
    await disconnectAll(queries, workspaceId, now);
    await queries.sql(
      `update workspace_erasures set state = 'running', begun_at = $2, worked_at = $2, set_by_kind = null, set_by = null
       where workspace_id = $1`,
      [workspaceId, now],
    );
    const about = {
      workspace: workspace ?? '',
      beginsAt: new Date(row.begins_at),
      publicUrl: kernel.config.publicUrl,
    };
    for (const owner of owners)
      await kernel.use(mailer).postWithin(queries, enqueue, erasureMail(owner, 'begun', about));
    return { obstacle: null, keysGone: true };
  });
  if (begun.keysGone) {
    kernel.keyring.changed(workspaceId);
    kernel.bus.publish(channelsTopic);
    kernel.log.warn(
      { workspace_id: workspaceId },
      'the keys of a workspace are destroyed: it is being erased',
    );
  }
  return begun.obstacle;
}

class Erasing {
  readonly #kernel: Kernel;
  readonly #workspaceId: string;
  readonly #signal: AbortSignal;
  readonly #each: () => void;
  readonly #limit: number;

  constructor(kernel: Kernel, workspaceId: string, signal: AbortSignal, each: () => void, limit: number) {
    this.#kernel = kernel;
    this.#workspaceId = workspaceId;
    this.#signal = signal;
    this.#each = each;
    this.#limit = limit;
  }

  async run(): Promise<void> {
    const { tables } = this.#kernel.use(declaredTables);
    const [state] = await this.#system((queries) =>
      queries.sql<{ state: string }>('select state from workspace_erasures where workspace_id = $1', [
        this.#workspaceId,
      ]),
    );
    if (state?.state !== 'running' && state?.state !== 'done') return;
    await this.#deleteJobs();
    const ordered = await childrenFirst(this.#kernel.database, tables);
    for (const table of ordered) {
      let after: readonly string[] | null = null;
      do {
        const batch = await this.#batch((queries) =>
          deleteBatch(queries, this.#workspaceId, table, after, this.#limit).then(async (done) => {
            await this.#count(queries, table.table, done.rows);
            return done;
          }),
        );
        after = batch.rows === this.#limit ? batch.last : null;
      } while (after);
    }
    const folders = new Set(tables.flatMap(({ files }) => files?.folder ?? []));
    for (const folder of folders) {
      const files = await this.#kernel.use(storagePort).deleteFolder(`${folder}/${this.#workspaceId}`);
      await this.#batch((queries) =>
        queries.sql('update workspace_erasures set files = files + $2 where workspace_id = $1', [
          this.#workspaceId,
          files,
        ]),
      );
    }
    await this.#system((queries) =>
      queries.sql(
        `update workspace_erasures set state = 'done', finished_at = $2 where workspace_id = $1 and state = 'running'`,
        [this.#workspaceId, this.#kernel.clock.date()],
      ),
    );
  }

  #system<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.#kernel.database.asSystem(work);
  }

  async #batch<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    const done = await this.#system(work);
    this.#each();
    return done;
  }

  async #count(queries: Queries, table: string, rows: number): Promise<void> {
    if (rows === 0) return;
    await queries.sql(
      `update workspace_erasures set worked_at = $4, counts = (
         select jsonb_agg(jsonb_build_object('table', name, 'rows', rows) order by name) from (
           select name, sum(rows)::int as rows from (
             select c ->> 'table' as name, (c ->> 'rows')::int as rows from jsonb_array_elements(counts) c
             union all select $2, $3::int) each group by name) summed)
       where workspace_id = $1`,
      [this.#workspaceId, table, rows, this.#kernel.clock.date()],
    );
  }

  /** Of every state: what ended names the workspace too. */
  async #deleteJobs(): Promise<void> {
    let rows: unknown[];
    do {
      this.#signal.throwIfAborted();
      rows = await this.#kernel.database.asOwner((queries) =>
        queries.sql(
          `delete from pgboss.job j using (
             select name, id from pgboss.job where data ->> 'workspaceId' = $1 limit ${this.#limit}) d
           where j.name = d.name and j.id = d.id returning 1 as one`,
          [this.#workspaceId],
        ),
      );
      this.#each();
    } while (rows.length === this.#limit);
  }
}
