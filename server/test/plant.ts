// Plants a row in any table, knowing nothing of it but what the catalogue says: parents first, checks kept.
import type { Database, Queries } from '../src/core/database.ts';
import { newId } from '../src/core/identifiers.ts';
import { type CatalogueColumn, readColumns } from './catalogue.ts';

export type Row = Record<string, unknown>;

interface ForeignKey {
  readonly table: string;
  readonly columns: string[];
  readonly parent: string;
  readonly parentColumns: string[];
}

interface Check {
  readonly table: string;
  readonly columns: string[];
  readonly definition: string;
}

export class Planter {
  readonly #database: Database;
  readonly #columns: Map<string, CatalogueColumn[]>;
  readonly #foreignKeys: ForeignKey[];
  readonly #checks: Check[];
  #fill = false;

  private constructor(
    database: Database,
    columns: Map<string, CatalogueColumn[]>,
    foreignKeys: ForeignKey[],
    checks: Check[],
  ) {
    this.#database = database;
    this.#columns = columns;
    this.#foreignKeys = foreignKeys;
    this.#checks = checks;
  }

  static async read(database: Database): Promise<Planter> {
    const columns = Map.groupBy(await readColumns(database), (column) => column.table);
    const constraints = await database.asOwner((queries) =>
      queries.sql<ForeignKey & Check & { kind: string }>(
        `select con.contype::text as kind, con.conrelid::regclass::text as "table",
           array(select attname::text from unnest(con.conkey) with ordinality k(n, o)
             join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.n order by o) as columns,
           con.confrelid::regclass::text as parent,
           array(select attname::text from unnest(con.confkey) with ordinality k(n, o)
             join pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.n order by o) as "parentColumns",
           pg_get_constraintdef(con.oid) as definition
         from pg_constraint con join pg_namespace n on n.oid = con.connamespace
         where n.nspname = 'public' and con.contype in ('f', 'c')`,
      ),
    );
    return new Planter(
      database,
      columns,
      constraints.filter((constraint) => constraint.kind === 'f'),
      constraints.filter((constraint) => constraint.kind === 'c'),
    );
  }

  get tables(): string[] {
    return [...this.#columns.keys()].filter((table) => table !== 'schema_migrations');
  }

  hasWorkspace(table: string): boolean {
    return (this.#columns.get(table) ?? []).some((column) => column.column === 'workspace_id');
  }

  /** The columns that a row may name: those that the database does not make by itself. */
  writable(table: string): string[] {
    return (this.#columns.get(table) ?? [])
      .filter((column) => column.identity === '')
      .map((column) => column.column);
  }

  /**
   * Sees to a row of this workspace in every table that has one.
   * @param fill whether texts that may be absent are there too
   * @returns a row of each
   */
  async plantWorkspace(workspaceId: string, fill = false): Promise<Map<string, Row>> {
    this.#fill = fill;
    const planted = new Map<string, Row>();
    await this.#database.asSystem(async (queries) => {
      for (const table of this.tables) {
        if (this.hasWorkspace(table)) await this.#plant(queries, table, workspaceId, planted, []);
      }
    });
    return planted;
  }

  async #plant(
    queries: Queries,
    table: string,
    workspaceId: string,
    planted: Map<string, Row>,
    path: readonly string[],
  ): Promise<Row> {
    const known = planted.get(table);
    if (known) return known;
    const existing = this.hasWorkspace(table)
      ? await queries.sql<Row>(`select * from ${table} where workspace_id = $1 limit 1`, [workspaceId])
      : [];
    if (existing[0]) {
      planted.set(table, existing[0]);
      return existing[0];
    }
    if (path.includes(table)) throw new Error(`${[...path, table].join(' → ')} needs itself`);
    const row: Row = {};
    for (const column of this.#columns.get(table) ?? []) {
      if (column.column === 'workspace_id') row.workspace_id = workspaceId;
      else if (column.notNull && !column.hasDefault && column.identity === '')
        row[column.column] = this.#value(column);
      else if (this.#fill && this.#isFreeText(column)) row[column.column] = newId();
    }
    for (const key of this.#foreignKeys.filter((candidate) => candidate.table === table)) {
      if (key.columns.some((column) => row[column] === undefined) || key.parent === table) continue;
      const parent = await this.#plant(queries, key.parent, workspaceId, planted, [...path, table]);
      key.columns.forEach((column, index) => {
        row[column] = parent[key.parentColumns[index] ?? ''];
      });
    }
    const names = Object.keys(row);
    const [stored] = await queries.sql<Row>(
      `insert into ${table} (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})
       returning *`,
      Object.values(row),
    );
    if (!stored) throw new Error(`nothing was planted in ${table}`);
    planted.set(table, stored);
    return stored;
  }

  /** A text that may be absent, and of which nothing asks what it is. */
  #isFreeText({ table, column, type, hasDefault }: CatalogueColumn): boolean {
    const asked = [...this.#checks, ...this.#foreignKeys].some(
      (one) => one.table === table && one.columns.includes(column),
    );
    return type === 'text' && !hasDefault && !asked;
  }

  #value(column: CatalogueColumn): unknown {
    const check = this.#checks.find(
      (candidate) => candidate.table === column.table && candidate.columns.includes(column.column),
    );
    const allowed = /'([^']+)'::text/.exec(check?.definition ?? '')?.[1];
    switch (column.type) {
      case 'uuid':
        return newId();
      case 'text':
        return allowed ?? newId();
      case 'bytea':
        return Buffer.from('planted');
      case 'text[]':
        return '{}';
      case 'jsonb':
        return '{}';
      case 'boolean':
        return true;
      case 'date':
        return '2026-01-01';
      case 'timestamp with time zone':
        return '2026-01-01T00:00:00Z';
      case 'integer':
      case 'bigint':
      case 'smallint':
      case 'real':
      case 'double precision':
        return 1;
      default:
        throw new Error(`no value is known for ${column.table}.${column.column} of type ${column.type}`);
    }
  }
}
