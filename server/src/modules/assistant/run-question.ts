// What a turn was asked, in the contact's words: for whoever gives a better answer to it.
import type { RunQuestion } from '@parley/contract/runs';
import type { Context } from '../../core/context.ts';
import { notFound } from '../../core/errors.ts';
import { readMessages } from '../conversations/conversations.ts';
import { askedIn } from './shadow-work.ts';

interface QuestionRow {
  read_message_ids: string[];
  outcome: string | null;
  language: RunQuestion['language'];
}

/** @throws ParleyError 404 */
export async function readRunQuestion(ctx: Context, runId: string): Promise<RunQuestion> {
  return ctx.transaction(async (tx) => {
    const [row] = await tx.sql<QuestionRow>(
      `select r.read_message_ids, r.outcome, c.language from runs r join conversations c on c.id = r.conversation_id
       where r.id = $1`,
      [runId],
    );
    if (!row) throw notFound('run');
    const messages = await readMessages(tx, row.read_message_ids);
    const { question } = askedIn({ messages });
    return { question, language: row.language, handedOver: row.outcome === 'handed_over' };
  });
}
