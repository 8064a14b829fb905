// Counts and takes what is older than a rule, by what the modules say of their tables: bounded batches, never what is held.
import type { RetentionKind } from '@parley/contract/privacy';
import type { TransactionContext } from '../../core/context.ts';
import type { Storage } from '../../core/storage.ts';
import { type RetainedRows, type StoredTable, withPeople } from '../../core/stored-tables.ts';
import { countOldAudit, retireAudit } from '../tenancy/tenancy.ts';
import type { Held } from './holds.ts';

export interface Found {
  readonly rows: number;
  readonly oldest: Date | null;
}

export interface Taken extends Found {
  readonly newest: Date | null;
  /** What their files are called in storage: they go after the commit. */
  readonly files: readonly string[];
  /** Whether there may be more. */
  readonly more: boolean;
}

export interface Rule {
  readonly kind: RetentionKind;
  readonly days: number;
  readonly before: Date;
}

interface Step {
  readonly count: (tx: TransactionContext, rule: Rule, held: Held) => Promise<Found>;
  readonly take: (tx: TransactionContext, rule: Rule, held: Held, limit: number) => Promise<Taken>;
}

/** What a kind consists of, in the order in which it is taken. */
export function stepsOf(tables: readonly StoredTable[], kind: RetentionKind): readonly Step[] {
  if (kind === 'audit') return [auditStep];
  return tables.flatMap((table) =>
    (table.retained ?? []).filter((rows) => rows.kind === kind).map((rows) => stepOf(table, rows)),
  );
}

const auditStep: Step = {
  count: (tx, rule) => countOldAudit(tx, rule.before),
  take: async (tx, rule, _held, limit) => ({ ...(await retireAudit(tx, rule, limit)), files: [] }),
};

const date = (value: Date | string | null) => (value === null ? null : new Date(value));

function stepOf(table: StoredTable, rows: RetainedRows): Step {
  const { table: name, key } = table;
  const condition = (held: Held) => {
    const theirs = held.contactIds.length > 0 ? [table.ofPeople ?? [], rows.keptWith ?? []].flat() : [];
    return {
      text: [
        't.workspace_id = $1',
        `${rows.at} < $2`,
        ...(rows.where ? [`(${rows.where})`] : []),
        // Not `not (…)`: of a row that is of nobody it is not known whether it is theirs.
        ...theirs.map((condition) => `(${withPeople(condition, 3)}) is not true`),
      ].join(' and '),
      values: theirs.length > 0 ? [held.contactIds] : [],
    };
  };
  return {
    count: async (tx, { before }, held) => {
      const { text, values } = condition(held);
      const [found] = await tx.sql<{ rows: number; oldest: Date | string | null }>(
        `select count(*)::int as rows, min(${rows.at}) as oldest from ${name} t where ${text}`,
        [tx.workspaceId, before, ...values],
      );
      return { rows: found?.rows ?? 0, oldest: date(found?.oldest ?? null) };
    },
    take: async (tx, { before }, held, limit) => {
      const { text, values } = condition(held);
      const keys = key.map((column) => `t.${column}`).join(', ');
      const same = key.map((column) => `g.${column} = d.${column}`).join(' and ');
      const change = rows.set
        ? `update ${name} g set ${rows.set} from doomed d where g.workspace_id = $1 and ${same}`
        : `delete from ${name} g using doomed d where g.workspace_id = $1 and ${same}`;
      // By the key, which has an index and grows with time: the oldest are found first, and few rows are looked at.
      const [taken] = await tx.sql<{
        rows: number;
        oldest: Date | string | null;
        newest: Date | string | null;
        files: string[] | null;
      }>(
        `with doomed as materialized (
           select ${keys}, ${rows.at} as at_ from ${name} t where ${text}
           order by ${keys} limit ${limit} for update of t skip locked
         ), gone as (${change} returning d.at_, g.${key[0]}::text as file)
         select count(*)::int as rows, min(at_) as oldest, max(at_) as newest, array_agg(file) as files from gone`,
        [tx.workspaceId, before, ...values],
      );
      const count = taken?.rows ?? 0;
      return {
        rows: count,
        oldest: date(taken?.oldest ?? null),
        newest: date(taken?.newest ?? null),
        files: rows.set ? [] : filesOf(table, tx.workspaceId, taken?.files ?? []),
        more: count === limit,
      };
    },
  };
}

const filesOf = ({ files }: StoredTable, workspaceId: string, ids: readonly string[]): string[] =>
  files ? ids.map((id) => `${files.folder}/${workspaceId}/${id}`) : [];

/** A file may be there before its row: that of an upload, whose request is long over by then. */
const inFlightMs = 3_600_000;

/**
 * Removes files that no row knows: of a process that was killed between a commit and the removal of its files. Those younger
 * than an hour are spared, and go the next time. Returns how many.
 */
export async function removeOrphans(
  transaction: <T>(work: (tx: TransactionContext) => Promise<T>) => Promise<T>,
  storage: Storage,
  workspaceId: string,
  tables: readonly StoredTable[],
): Promise<number> {
  let removed = 0;
  for (const { table, files } of tables) {
    if (!files) continue;
    for await (const keys of storage.list(`${files.folder}/${workspaceId}`)) {
      const ids = keys.map((key) => key.slice(key.lastIndexOf('/') + 1));
      const known = await transaction((tx) =>
        tx.sql<{ id: string }>(
          `select id::text as id from ${table} where workspace_id = $1 and id::text = any($2)`,
          [workspaceId, ids],
        ),
      );
      const kept = new Set(known.map(({ id }) => id));
      for (const [index, id] of ids.entries()) {
        if (kept.has(id)) continue;
        const key = keys[index] as string;
        const putAt = await storage.putAt(key);
        if (!putAt || putAt.getTime() > Date.now() - inFlightMs) continue;
        await storage.delete(key);
        removed += 1;
      }
    }
  }
  return removed;
}
