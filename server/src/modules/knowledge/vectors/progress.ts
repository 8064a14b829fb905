// How far the vectors of a workspace are, and what stands in the way.
import type { KnowledgeVectors } from '@parley/contract/knowledge-vectors';
import type { Context } from '../../../core/context.ts';
import { embedderPort } from '../embedder.ts';
import { knowledgeRuntime } from '../runtime.ts';

const off: KnowledgeVectors = {
  state: 'off',
  model: null,
  passages: 0,
  embedded: 0,
  withheld: 0,
  problem: null,
};

export async function readVectors(ctx: Context): Promise<KnowledgeVectors> {
  const model = await ctx.use(embedderPort).current(ctx);
  if (!model) return off;
  const [row] = await ctx.transaction((tx) =>
    tx.sql<{
      passages: number;
      made: number;
      withheld: number;
      problem: string | null;
      behind: boolean;
      size: number;
    }>(
      `with made as (
         select v.document_id, sum(v.passages)::int as passages, sum(v.withheld)::int as withheld, bool_or(v.is_last) as whole
         from knowledge_vectors v join training_documents d on d.id = v.document_id and d.version = v.version
         where v.workspace_id = $1 and v.model = $2 group by 1
       )
       select coalesce(sum(coalesce(case when m.whole then m.passages end, d.passages)), 0)::int as passages,
         coalesce(sum(m.passages), 0)::int as made, coalesce(sum(m.withheld), 0)::int as withheld,
         coalesce(bool_or(m.whole is not true), false) as behind,
         (select coalesce(sum(octet_length(vectors)), 0)::float8 from knowledge_vectors
           where workspace_id = $1 and model = $2) as size,
         (select problem from knowledge_vector_work where workspace_id = $1 and model = $2) as problem
       from training_documents d left join made m on m.document_id = d.id
       where d.workspace_id = $1 and d.state = 'ready' and d.content is not null`,
      [ctx.workspaceId, model.fingerprint],
    ),
  );
  const { passages = 0, made = 0, withheld = 0, behind = false, size = 0 } = row ?? {};
  const isTooMany = size > ctx.use(knowledgeRuntime).vectorBytesMax;
  const problem = row?.problem ?? (isTooMany ? 'too_many' : null);
  const state = problem !== null ? 'stopped' : behind ? 'making' : 'ready';
  return { state, model: model.name, passages, embedded: made - withheld, withheld, problem };
}
