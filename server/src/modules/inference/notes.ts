// The ledger's entries of calls that cost nothing and count against nothing: gathered for a moment and written together,
// because programs make many of them.
import type { SystemContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import type { Spending, Spent } from './ledger.ts';

const gatherMs = 200;

const write = `insert into ledger (id, workspace_id, kind, purpose, model_id, model, conversation_id, contact_id, cost_micros,
    input_tokens, output_tokens, segments, created_at, settled_at)
  select id, "workspaceId", kind, purpose, "modelId", model, "conversationId", "contactId", "costMicros", "inputTokens",
    "outputTokens", segments, at, at
  from jsonb_to_recordset($1::jsonb) as n(id uuid, "workspaceId" uuid, kind text, purpose text, "modelId" uuid, model text,
    "conversationId" uuid, "contactId" uuid, "costMicros" bigint, "inputTokens" bigint, "outputTokens" bigint,
    segments int, at timestamptz)
  where exists (select 1 from workspaces w where w.workspace_id = n."workspaceId")`;

export class LedgerNotes {
  readonly #context: () => SystemContext;
  #gathered: object[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(context: () => SystemContext) {
    this.#context = context;
  }

  add(workspaceId: string, spending: Spending, spent: Spent, at: Date): void {
    this.#gathered.push({ id: newId(), workspaceId, ...spending, ...spent, at });
    this.#timer ??= setTimeout(() => void this.flush(), gatherMs).unref();
  }

  /** Writes what is gathered; a failure is logged. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#gathered;
    if (entries.length === 0) return;
    this.#gathered = [];
    const ctx = this.#context();
    try {
      await ctx.system((queries) => queries.sql(write, [JSON.stringify(entries)]));
    } catch (error) {
      ctx.log.error({ err: error, entries: entries.length }, 'what was spent could not be written down');
    }
  }
}
