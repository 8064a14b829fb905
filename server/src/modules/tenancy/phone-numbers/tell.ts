// Mails a user when a phone number of theirs was verified or removed: who took over a session must not do it unseen.
import { z } from 'zod';
import type { SystemContext } from '../../../core/context.ts';
import { mailer } from '../../../core/mail.ts';
import { defineJob } from '../../../core/queue.ts';
import { languageOfUser } from '../account.ts';
import { letterOfNumber } from './words.ts';

const input = z.object({
  workspaceId: z.uuid(),
  userId: z.string(),
  news: z.enum(['verified', 'removed', 'factor_lost']),
});

export const tellOfNumber = defineJob({
  name: 'tenancy.tell_of_number',
  doc: 'Mails a user that a phone number of theirs was verified or removed, or went with their membership though it was a second factor.',
  input,
  effect: 'system',
});

/** Run twice, it mails twice. */
export async function mailOfNumber(
  ctx: SystemContext,
  { workspaceId, userId, news }: z.infer<typeof input>,
): Promise<void> {
  const [row] = await ctx.system((queries) =>
    queries.sql<{ name: string; email: string; email_verified: boolean; workspace: string }>(
      `select u.name, u.email, u.email_verified, w.name as workspace from users u, workspaces w
       where u.id = $1 and w.workspace_id = $2`,
      [userId, workspaceId],
    ),
  );
  if (!row) return;
  const language = await languageOfUser(ctx, userId, 'en');
  const reader = { name: row.email_verified ? row.name : null, language };
  await ctx.use(mailer).post(letterOfNumber(news, row.email, reader, row.workspace));
}
