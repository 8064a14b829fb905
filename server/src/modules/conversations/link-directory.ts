// Links conversations to the contact directory: looks a contact up when a conversation begins, and again later when it
// was not found or the directory was down. A conversation never waits for it.
import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import type { HealthProbe } from '../../core/health.ts';
import { defineJob } from '../../core/queue.ts';
import { directoryVariants } from '../channels/channels.ts';
import { contactDirectory, type DirectoryEntry, DirectoryUnavailableError } from './directory.ts';
import { conversationChanged } from './events.ts';
import { contactPoints, conversations } from './tables.ts';

export const linkDirectory = defineJob({
  name: 'conversations.link_directory',
  doc: 'Looks a contact up in the contact directory.',
  input: z.object({ conversationId: z.uuid() }),
  effect: 'external',
  concurrency: 5,
  oneWaitingPerKey: true,
  retries: 3,
});

export const relinkDirectory = defineJob({
  name: 'conversations.relink_directory',
  doc: 'Gives conversations that are due for another look-up in the contact directory their job.',
  input: z.object({}),
  effect: 'system',
});

/** The longest that all spellings of one number may take. */
const findMsMax = 40_000;

interface Asked {
  readonly variants: string[];
  readonly status: string;
}

async function readNumber(tx: TransactionContext, conversationId: string): Promise<Asked | null> {
  const [row] = await tx.drizzle
    .select({
      address: contactPoints.address,
      original: contactPoints.addressOriginal,
      status: conversations.directoryStatus,
    })
    .from(conversations)
    .innerJoin(contactPoints, eq(contactPoints.id, conversations.contactPointId))
    .where(eq(conversations.id, conversationId));
  if (!row) return null;
  const e164 = row.address.startsWith('+') ? row.address : null;
  return { variants: directoryVariants(row.original, e164), status: row.status };
}

/** The `conversations.link_directory` job. */
export async function link(ctx: Context, { conversationId }: { conversationId: string }): Promise<void> {
  const directory = ctx.use(contactDirectory);
  if (!directory) return;
  const asked = await ctx.transaction((tx) => readNumber(tx, conversationId));
  if (!asked || asked.status === 'linked') return;
  let entry: DirectoryEntry | null | undefined;
  try {
    entry = await directory.find(asked.variants, AbortSignal.timeout(findMsMax));
  } catch (error) {
    if (!(error instanceof DirectoryUnavailableError)) throw error;
    ctx.log.warn(
      { conversation_id: conversationId, code: error.code },
      'the contact directory was not reached',
    );
  }
  await ctx.transaction((tx) => keep(tx, conversationId, entry));
}

async function keep(
  tx: TransactionContext,
  conversationId: string,
  entry: DirectoryEntry | null | undefined,
): Promise<void> {
  const found = entry ?? null;
  const now = tx.clock.date();
  const place = `conversations.directory_name:${conversationId}`;
  await tx.drizzle
    .update(conversations)
    .set({
      directoryStatus: entry === undefined ? 'failed' : found ? 'linked' : 'not_found',
      directoryEntryId: found?.entryId ?? null,
      directoryName: found?.displayName ? tx.seal(found.displayName, place) : null,
      directoryCheckedAt: now,
      updatedAt: now,
    })
    .where(eq(conversations.id, conversationId));
  tx.append(conversationChanged, { conversationId, changed: ['directory'] });
}

const againAfterMinutes = { failed: 5, unknown: 5, not_found: 24 * 60 };
/** Who has been silent for longer is looked up when they write again. */
const activeDays = 30;
const relinkedMax = 500;

/** The `conversations.relink_directory` schedule. Returns how many got their job. */
export async function relink(ctx: SystemContext): Promise<number> {
  if (!ctx.use(contactDirectory)) return 0;
  const now = ctx.clock.now();
  const before = (minutes: number) => new Date(now - minutes * 60_000);
  const due = await ctx.system((queries) =>
    queries.sql<{ id: string; workspace_id: string }>(
      `select id, workspace_id from conversations
       where directory_status <> 'linked' and last_message_at > $4
         and coalesce(directory_checked_at, created_at) <= case directory_status
           when 'not_found' then $3::timestamptz when 'failed' then $1::timestamptz else $2::timestamptz end
       order by directory_checked_at nulls first limit $5`,
      [
        before(againAfterMinutes.failed),
        before(againAfterMinutes.unknown),
        before(againAfterMinutes.not_found),
        before(activeDays * 24 * 60),
        relinkedMax,
      ],
    ),
  );
  for (const [workspaceId, rows] of Map.groupBy(due, (row) => row.workspace_id)) {
    await ctx.transactionIn(workspaceId, async (tx) => {
      for (const { id } of rows) tx.enqueue(linkDirectory, { conversationId: id }, { key: id });
    });
  }
  return due.length;
}

const checkMsMax = 2_000;

/** Tenant-lookup reachability, in the words of those who run Collections Monitor. */
export const directoryProbe: HealthProbe = {
  name: 'directory',
  required: false,
  check: async (ctx) => {
    const directory = ctx.use(contactDirectory);
    if (!directory) return { status: 'off' };
    try {
      await directory.check(AbortSignal.timeout(checkMsMax));
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError)) throw error;
      // Conversations go on without it.
      return { status: 'degraded', detail: `${directory.name} cannot be reached` };
    }
    return { status: 'ok', detail: `${directory.name} answers` };
  },
};
