// A workspace in which every column holds something that stands nowhere else: texts as they are, sealed ones under its key.
import { modules } from '../../src/app.ts';
import { newId } from '../../src/core/identifiers.ts';
import { readColumns } from '../catalogue.ts';
import type { TestApp, TestWorkspace } from '../harness.ts';
import { Planter, type Row } from '../plant.ts';

/** Ends a chain that is appended to; what it holds is read before each entry. */
const untouched = new Set(['audit_heads']);

export interface Canaries {
  readonly rows: ReadonlyMap<string, Row>;
  /** Ids of its rows, and nobody else's. */
  readonly ids: readonly string[];
  /** How many columns hold one, sealed or not. */
  readonly columns: number;
  /** What stands in the texts of a row of it, plain and sealed: ids are none. */
  textsOf(table: string): readonly string[];
  /** Those that stand in a text; ids that the asker gave are none. */
  findIn(text: string, given?: readonly string[]): string[];
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const sealedText = (table: string, column: string) => `quokka ${table} ${column}`;

/** Where what is sealed is no plain text, it is read before it is answered. */
const asStored: Readonly<Record<string, (text: string) => unknown>> = {
  'runs.hand_over': (text) => ({ because: 'no_answer', asked: [text], language: 'en', heldBack: text }),
  'runs.steps': (text) => [
    {
      id: newId(),
      tool: text,
      state: 'done',
      input: text,
      result: text,
      errorCode: null,
      confirmationId: null,
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 1,
    },
  ],
  'answer_cases.content': (text) => ({ question: text, mustContain: [] }),
  'shadow_runs.changes': (text) => ({ persona: text }),
  'knowledge_proposals.content': (text) => ({ question: text, answer: text }),
  'training_data.origin': (text) => ({ title: text }),
  'insights.dates': () => [],
  'channels.credentials': (text) => ({ current: { accountSid: text, authToken: text } }),
};

export async function plantCanaries(test: TestApp, workspace: TestWorkspace): Promise<Canaries> {
  const planter = await Planter.read(test.kernel.database);
  const rows = await planter.plantWorkspace(workspace.id, true);
  const vault = await workspace.ctx.vault();
  const columns = await readColumns(test.kernel.database);
  const sealed: { table: string; text: string }[] = [];
  for (const { table, column, key, place } of modules.flatMap((module) => module.sealed ?? [])) {
    const row = rows.get(table);
    if (!row || untouched.has(table)) continue;
    const names = Object.fromEntries(key.map((name) => [name, String(row[name])]));
    const text = sealedText(table, column);
    const shape = asStored[`${table}.${column}`];
    const changed = await test.kernel.database.asSystem((queries) =>
      queries.sql(
        `update ${table} set ${column} = $1 where ${key.map((name, index) => `${name}::text = $${index + 2}`).join(' and ')}
         returning 1 as one`,
        [vault.seal(shape ? JSON.stringify(shape(text)) : text, place(names)), ...Object.values(names)],
      ),
    );
    if (changed.length > 0) sealed.push({ table, text });
  }
  const values = [...rows.values()].flatMap((row) =>
    Object.entries(row).filter(([column, value]) => column !== 'workspace_id' && uuid.test(String(value))),
  );
  const plain = [...new Set(values.map(([, value]) => String(value)))].filter(
    (value) => value !== workspace.id,
  );
  return {
    rows,
    ids: plain,
    columns: values.length + sealed.length,
    textsOf: (table) => [
      ...columns
        .filter((column) => column.table === table && column.type === 'text')
        .map(({ column }) => String(rows.get(table)?.[column]))
        .filter((value) => uuid.test(value)),
      ...sealed.filter((each) => each.table === table).map(({ text }) => text),
    ],
    findIn: (text, given = []) =>
      [workspace.id, ...plain, 'quokka '].filter(
        (canary) => !given.includes(canary) && text.includes(canary),
      ),
  };
}
