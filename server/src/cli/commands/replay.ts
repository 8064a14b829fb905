// Rebuilds a conversation from the journal, and proves that it equals what is stored.
import { z } from 'zod';
import { systemActor } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { defineCommand } from '../command.ts';

export const replayCommand = defineCommand({
  name: 'replay',
  description: 'Rebuild a conversation from the journal, and compare it with what is stored',
  place: 'anywhere',
  input: z.object({ conversation: z.uuid().describe('the id of the conversation') }),
  run: async (host, { conversation }) => {
    const { replayConversation } = await import('../../modules/conversations/conversations.ts');
    const { kernel } = await host.app();
    const [row] = await kernel.database.asSystem((queries) =>
      queries.sql<{ workspace_id: string }>('select workspace_id from conversations where id = $1', [
        conversation,
      ]),
    );
    if (!row) throw notFound('conversation');
    const ctx = kernel.context({ workspaceId: row.workspace_id, actor: systemActor, requestId: newId() });
    return replayConversation(ctx, conversation);
  },
  print: ({ equal, differences, deliveries, messages }) =>
    equal
      ? `The journal (${deliveries} deliveries) and what is stored (${messages} messages) are the same.`
      : `What is stored differs from the journal:\n${differences.map((difference) => `  ${difference}`).join('\n')}`,
  failed: ({ equal }) => !equal,
});
