// What the system or a member did with a conversation: the thread's muted lines, written with the change itself.
import type { Activity } from '@parley/contract/inbox';
import type { TransactionContext } from '../../core/context.ts';
import type { ActorReference } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';

export type ActivityKind = Activity['kind'];

export interface NewActivity {
  readonly conversationId: string;
  readonly kind: ActivityKind;
  /** An id, a code or a moment; never content. */
  readonly detail?: string | null;
  /** Who did it; whoever acts when absent. */
  readonly actor?: ActorReference;
  /** For one that shall stand before what was made with it. */
  readonly id?: string;
  readonly at?: Date;
}

const insert = {
  name: 'activities_insert',
  text: `insert into activities (id, workspace_id, conversation_id, kind, actor_kind, actor_id, detail, created_at)
    select a.id, $2, a.conversation_id, a.kind, a.actor_kind, a.actor_id, a.detail, a.created_at
    from jsonb_to_recordset($1::jsonb) as a(id uuid, conversation_id uuid, kind text, actor_kind text, actor_id text,
      detail text, created_at timestamptz)`,
};

/** Writes them down in the order given. The conversations are locked. */
export function recordActivities(tx: TransactionContext, activities: readonly NewActivity[]): void {
  if (activities.length === 0) return;
  const now = tx.clock.date();
  const rows = activities.map(({ conversationId, kind, detail, actor, id, at }) => ({
    id: id ?? newId(),
    conversation_id: conversationId,
    kind,
    actor_kind: (actor ?? tx.actor).kind,
    actor_id: (actor ?? tx.actor).id,
    detail: detail ?? null,
    created_at: at ?? now,
  }));
  tx.last(insert, [JSON.stringify(rows), tx.workspaceId]);
}

interface ActivityRow {
  id: string;
  conversation_id: string;
  kind: ActivityKind;
  actor_kind: Activity['actor']['kind'];
  actor_id: string | null;
  detail: string | null;
  created_at: Date | string;
}

/** The newest ones before a place in the conversation, newest first. */
export async function readActivities(
  tx: TransactionContext,
  conversationId: string,
  { limit, before }: { limit: number; before: readonly [string, string] | null },
): Promise<Activity[]> {
  const rows = await tx.sql<ActivityRow>(
    `select id, conversation_id, kind, actor_kind, actor_id, detail, created_at from activities
     where conversation_id = $1 ${before ? 'and (created_at, id) < ($3::timestamptz, $4::uuid)' : ''}
     order by created_at desc, id desc limit $2`,
    [conversationId, limit, ...(before ?? [])],
  );
  return rows.map((row) => ({
    id: row.id,
    conversationId: row.conversation_id,
    kind: row.kind,
    actor: { kind: row.actor_kind, id: row.actor_id },
    detail: row.detail,
    occurredAt: new Date(row.created_at).toISOString(),
  }));
}
