// The files of an export, in their order: tables, files of messages and knowledge, and two tables for a spreadsheet.
import type { Context } from '../../core/context.ts';
import { fileVault } from '../../core/crypto.ts';
import { csvCell } from '../../core/csv.ts';
import { type StorageWriter, storagePort } from '../../core/storage.ts';
import type { StoredTable } from '../../core/stored-tables.ts';
import { declaredTables } from './declared.ts';
import { type ArchiveFile, writeArchive } from './export-archive.ts';
import { type ExportedRow, exportedTables, exportRows } from './export-rows.ts';
import type { ExportRow } from './exports.ts';
import { privacyHost } from './host.ts';

type Progress = (done: number) => Promise<void>;

export async function writeFiles(
  ctx: Context,
  { contactId, createdAt }: Pick<ExportRow, 'contactId' | 'createdAt'>,
  passphrase: string,
  out: StorageWriter,
  progress: Progress,
): Promise<{ bytes: number; checksum: string }> {
  const { sealed } = ctx.use(declaredTables);
  const tables = exportedTables(ctx, contactId);
  const about = {
    workspaceId: ctx.workspaceId,
    ...(contactId === null ? { of: 'workspace' } : { of: 'contact', contactId }),
    askedAt: createdAt.toISOString(),
  };
  let done = 0;
  const pagesOf = (table: StoredTable) => exportRows(ctx, table, sealed, contactId);

  async function* files(): AsyncGenerator<ArchiveFile> {
    for (const table of tables) {
      let rows = 0;
      yield {
        path: `data/${table.exported?.as}.jsonl`,
        rows: () => rows,
        chunks: async function* () {
          for await (const page of pagesOf(table)) {
            rows += page.length;
            done += page.length;
            await progress(done);
            if (page.length > 0) yield `${page.map((row) => JSON.stringify(row)).join('\n')}\n`;
          }
        },
      };
      if (table.files) yield* storedFiles(ctx, table, pagesOf, () => progress(done));
    }
    if (contactId === null) {
      // Users are of no workspace: without this, ids would name nobody.
      const people = await ctx.use(privacyHost).readPeople(ctx.workspaceId);
      yield {
        path: 'data/people.jsonl',
        rows: () => people.length,
        chunks: async function* () {
          yield people.map((one) => `${JSON.stringify(one)}\n`).join('');
        },
      };
    }
    for (const [name, columns] of Object.entries(spreadsheets)) {
      const table = tables.find(({ table }) => table === name);
      if (table) yield spreadsheet(`${name}.csv`, columns, () => pagesOf(table));
    }
  }
  return writeArchive(out, passphrase, about, files());
}

async function* storedFiles(
  ctx: Context,
  table: StoredTable,
  pagesOf: (table: StoredTable) => AsyncGenerator<readonly ExportedRow[]>,
  progress: () => Promise<void>,
): AsyncGenerator<ArchiveFile> {
  const { table: name, files } = table;
  if (!files) return;
  for await (const page of pagesOf(table)) {
    for (const { id } of page) {
      await progress();
      const body = await openFile(ctx, name, `${files.folder}/${ctx.workspaceId}/${String(id)}`, String(id));
      if (!body) continue;
      yield {
        path: `files/${files.folder}/${String(id)}`,
        chunks: async function* () {
          yield body;
        },
      };
    }
  }
}

/** Null where there is none. */
async function openFile(ctx: Context, table: string, storageKey: string, id: string): Promise<Buffer | null> {
  const stored = await ctx.use(storagePort).get(storageKey);
  if (!stored) return null;
  return ctx.transaction(async (tx) => {
    const [row] = await tx.sql<{ file_key: Uint8Array | null }>(
      `select file_key from ${table} where id = $1`,
      [id],
    );
    if (!row?.file_key) return null;
    const key = tx.open(row.file_key, `${table}.file_key:${id}`);
    return fileVault(tx.workspaceId, key).open(stored, `${table}.file:${id}`);
  });
}

const spreadsheets: Readonly<Record<string, readonly string[]>> = {
  contacts: ['id', 'name', 'ai_consent', 'created_at'],
  messages: [
    'id',
    'conversation_id',
    'created_at',
    'direction',
    'sender_kind',
    'from_address',
    'to_address',
    'status',
    'content',
  ],
};

function spreadsheet(
  path: string,
  columns: readonly string[],
  pages: () => AsyncGenerator<readonly ExportedRow[]>,
): ArchiveFile {
  let rows = 0;
  return {
    path,
    rows: () => rows,
    chunks: async function* () {
      yield `${columns.join(',')}\r\n`;
      for await (const page of pages()) {
        rows += page.length;
        yield page.map((row) => `${columns.map((column) => csvCell(row[column])).join(',')}\r\n`).join('');
      }
    },
  };
}
