// Who among the members is writing in a conversation: told to the others as it happens, and kept nowhere.
import type { Context } from '../../core/context.ts';
import type { SaidFrame } from '../../core/realtime/credentials.ts';
import { livePort } from '../../core/realtime/live.ts';

const findConversation = {
  name: 'conversation_exists',
  text: 'select 1 as one from conversations where id = $1 and workspace_id = $2',
};

/** Says nothing for a key, for who may not write, and of a conversation of somebody else. */
export async function tellTyping(ctx: Context, { conversationId, active }: SaidFrame): Promise<void> {
  const { kind, id: userId, permissions } = ctx.actor;
  if (kind !== 'member' || userId === null || !permissions.has('conversations:write')) return;
  const rows = await ctx.transaction((tx) => tx.sql(findConversation, [conversationId, tx.workspaceId]));
  if (rows.length === 0) return;
  ctx
    .use(livePort)
    .publish(
      ctx.workspaceId,
      { kind: 'member_typing', conversationId, userId, active },
      'conversations:read',
    );
}
