// How much a workspace knows, and how much of it the stored index does not have yet.
import type { Context } from '../../../core/context.ts';

export interface KnowledgeSize {
  readonly characters: number;
  /** Whether a document waits to be stored. */
  readonly isBehind: boolean;
}

export async function measureKnowledge(ctx: Context): Promise<KnowledgeSize> {
  const [row] = await ctx.transaction((tx) =>
    tx.sql<{ characters: number; is_behind: boolean }>(
      `select coalesce(sum(characters), 0)::int as characters,
         coalesce(bool_or(indexed_version is distinct from version), false) as is_behind
       from training_documents where workspace_id = $1 and state = 'ready' and content is not null`,
      [tx.workspaceId],
    ),
  );
  return { characters: row?.characters ?? 0, isBehind: row?.is_behind ?? false };
}
