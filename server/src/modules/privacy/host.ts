// What privacy needs beyond one workspace's rows: the queue's own tables, and those of no workspace.
import { definePort } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { ownersOf, type Reader, readersOf } from '../tenancy/tenancy.ts';
import { exportMail } from './export-mail.ts';
import { type ErasureMail, erasureMail } from './workspace-erasure-mails.ts';

export interface PrivacyHost {
  /** Mails a member that their export is ready. */
  tellReady(userId: string, workspaceId: string): Promise<void>;
  /** Who the ids of members stand for. */
  readPeople(workspaceId: string): Promise<readonly Pick<Reader, 'id' | 'name' | 'email'>[]>;
  /** Mails every owner about the erasure of their workspace. */
  tellOwners(workspaceId: string, about: ErasureMail, beginsAt: Date): Promise<void>;
  /** Removes waiting jobs of a workspace whose input names one of these ids. Returns how many. */
  forgetJobs(workspaceId: string, ids: readonly string[]): Promise<number>;
  /** In how many rows of each table without a workspace, the queue's too, one of these stands; `like` patterns. */
  searchOutside(
    patterns: readonly string[],
  ): Promise<readonly { readonly table: string; readonly rows: number }[]>;
}

export const privacyHost = definePort<PrivacyHost>('privacy host');

export function createPrivacyHost(kernel: Kernel): PrivacyHost {
  return {
    tellReady: async (userId, workspaceId) => {
      const [member] = await kernel.database.asSystem(async (queries) => {
        const rows = await queries.sql<{ user_id: string }>(
          'select user_id from members where workspace_id = $1 and user_id = $2',
          [workspaceId, userId],
        );
        return readersOf(
          queries,
          rows.map((row) => row.user_id),
        );
      });
      if (member)
        await kernel.use(mailer).post(exportMail(member.email, member.language, kernel.config.publicUrl));
    },
    readPeople: (workspaceId) =>
      kernel.database.asSystem(async (queries) => {
        const rows = await queries.sql<{ user_id: string }>(
          'select user_id from members where workspace_id = $1 order by created_at, user_id',
          [workspaceId],
        );
        const people = await readersOf(
          queries,
          rows.map((row) => row.user_id),
        );
        return people.map(({ id, name, email }) => ({ id, name, email }));
      }),
    tellOwners: async (workspaceId, about, beginsAt) => {
      const { workspace, owners } = await kernel.database.asSystem((queries) =>
        ownersOf(queries, workspaceId),
      );
      const { publicUrl } = kernel.config;
      for (const owner of owners)
        await kernel
          .use(mailer)
          .post(erasureMail(owner, about, { workspace: workspace ?? '', beginsAt, publicUrl }));
    },
    forgetJobs: async (workspaceId, ids) => {
      const rows = await kernel.database.asOwner((queries) =>
        queries.sql(
          `delete from pgboss.job where state < 'active' and data ->> 'workspaceId' = $1
             and exists (select 1 from jsonb_each_text(case when jsonb_typeof(data -> 'input') = 'object'
               then data -> 'input' else '{}' end) i where i.value = any($2)) returning 1 as one`,
          [workspaceId, ids],
        ),
      );
      return rows.length;
    },
    searchOutside: (patterns) =>
      kernel.database.asOwner(async (queries) => {
        const tables = await queries.sql<{ name: string }>(
          `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname in ('public', 'pgboss') and c.relkind = 'r' and c.relname <> 'schema_migrations'
             and not exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id')
           order by 1`,
        );
        const found = [];
        for (const { name } of tables) {
          const [row] = await queries.sql<{ rows: number }>(
            `select count(*)::int as rows from ${name} t where t::text like any($1)`,
            [patterns],
          );
          found.push({ table: name, rows: row?.rows ?? 0 });
        }
        return found;
      }),
  };
}
