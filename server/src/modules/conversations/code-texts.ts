// Texts with codes to members' own phones. They are no messages: in no conversation, no search, no export. What one says rests
// sealed until it is settled, and is gone then. The provider is called at most once for each, unless it said that it refused
// for now; one whose outcome nobody knows is not sent again: its reader asks for a new code.
import { z } from 'zod';
import type { Context, SystemContext, TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import { defineJob, type JobRun } from '../../core/queue.ts';
import type { SendOutcome } from '../channels/adapter.ts';
import { callProvider, countSegments, explainCode, reserveSendSlot } from '../channels/channels.ts';
import type { CodeSender, CodeText, CodeToSend } from '../tenancy/tenancy.ts';
import { codeChannel, refuseTooManyCodes } from './code-limits.ts';
import { optedOut } from './outbound.ts';
import { segmentLedger, spendSegments } from './segment-ledger.ts';

export const sendCodeText = defineJob({
  name: 'conversations.send_code',
  doc: 'Sends one code to a member’s phone.',
  input: z.object({ codeTextId: z.uuid() }),
  effect: 'external',
  retries: 5,
  retryDelaySecondsMax: 10,
  timeoutSeconds: 60,
});

export const forgetCodeTexts = defineJob({
  name: 'conversations.forget_codes',
  doc: 'Deletes what is left of codes that were sent more than two days ago.',
  input: z.object({}),
  effect: 'system',
});

/** Who waits for a code asks for another one by then. */
const sentWithinMs = 120_000;
/** No provider call begins later than this after its claim. */
const callMsMax = 10_000;
/** A claim that is older belongs to a process that is gone. */
const claimMsMax = 60_000;
const againMs = 5000;
const keptMs = 48 * 3_600_000;

const contentPlace = (id: string) => `code_texts.content:${id}`;
export const codeTextPlace = (row: Readonly<Record<string, string>>) => contentPlace(row.id ?? '');

interface Content {
  readonly to: string;
  readonly body: string;
}

async function post(tx: TransactionContext, { to, numberHash, userId, body }: CodeToSend): Promise<string> {
  const channel = await codeChannel(tx, to);
  const [point] = await tx.sql(
    'select 1 from contact_points where workspace_id = $1 and address = $2 and opted_out_at is not null',
    [tx.workspaceId, to],
  );
  if (point) throw optedOut();
  await refuseTooManyCodes(tx, { numberHash, userId });
  const id = newId();
  const spent = {
    messageId: id,
    conversationId: null,
    contactId: null,
    segments: countSegments(body).segments,
    purpose: 'code',
  } as const;
  const ledger = tx.use(segmentLedger);
  if (await ledger.isCapped(tx)) await spendSegments(tx, spent);
  else await ledger.note(tx, spent);
  const content: Content = { to, body };
  await tx.sql(
    `insert into code_texts (id, workspace_id, channel_id, user_id, number_hash, content, state, created_at)
     values ($1, $2, $3, $4, $5, $6, 'waiting', $7)`,
    [
      id,
      tx.workspaceId,
      channel.id,
      userId,
      numberHash,
      tx.seal(JSON.stringify(content), contentPlace(id)),
      tx.clock.date(),
    ],
  );
  tx.enqueue(sendCodeText, { codeTextId: id });
  return id;
}

interface Row {
  id: string;
  state: CodeText['state'] | 'calling';
  error_code: string | null;
  provider: string;
  created_at: Date | string;
  claimed_at: Date | string | null;
}

async function read(
  tx: TransactionContext,
  textIds: readonly string[],
): Promise<ReadonlyMap<string, CodeText>> {
  const rows = await tx.sql<Row>(
    `select t.id, t.state, t.error_code, t.created_at, t.claimed_at, c.provider
     from code_texts t join channels c on c.id = t.channel_id where t.id = any($1)`,
    [textIds],
  );
  return new Map(
    rows.map((row): [string, CodeText] => {
      const abandoned = tx.clock.now() - Number(new Date(row.claimed_at ?? 0)) > claimMsMax;
      const state = row.state !== 'calling' ? row.state : abandoned ? 'unknown' : 'waiting';
      const problem = row.error_code === null ? null : explainCode(tx, row.provider, row.error_code).message;
      return [row.id, { state, problem, sentAt: new Date(row.created_at) }];
    }),
  );
}

/** For tenancy. */
export const codeTexts: CodeSender = { post, read };

interface Claimed extends Content {
  readonly id: string;
  readonly channelId: string;
  readonly claimedAtMs: number;
}

/** The `conversations.send_code` job. */
export async function sendCode(
  ctx: Context,
  { codeTextId: id }: { codeTextId: string },
  run: JobRun,
): Promise<void> {
  const claimed = await ctx.transaction((tx) => claim(tx, id));
  if (!claimed) return;
  // A process that stood still must not call for a claim that counts as abandoned: the next try settles it.
  if (ctx.clock.now() - claimed.claimedAtMs > callMsMax) throw new Error('too late to call the provider');
  const outcome = await callProvider(
    ctx,
    claimed.channelId,
    { to: claimed.to, body: claimed.body, mediaUrls: [], reference: `${id}.1` },
    { signal: run.signal, beginsWithinMs: callMsMax },
  );
  await ctx.transaction((tx) => settle(tx, id, outcome));
}

async function claim(tx: TransactionContext, id: string): Promise<Claimed | null> {
  const now = tx.clock.date();
  const [row] = await tx.sql<{
    channel_id: string;
    content: Uint8Array;
    created_at: Date | string;
  }>(
    `update code_texts set state = 'calling', claimed_at = $2
     where id = $1 and state = 'waiting' returning channel_id, content, created_at`,
    [id, now],
  );
  if (!row) {
    // A job that comes back to what it claimed was killed in the call.
    await close(tx, id, 'unknown', 'interrupted', ['calling']);
    return null;
  }
  if (now.getTime() - Number(new Date(row.created_at)) > sentWithinMs) {
    await notSent(tx, id, 'given_up');
    return null;
  }
  const content = JSON.parse(tx.openText(row.content, contentPlace(id))) as Content;
  // It takes its place in the channel's throughput, and does not wait for it: somebody looks at their phone.
  await reserveSendSlot(tx, row.channel_id, countSegments(content.body).segments);
  return { id, channelId: row.channel_id, claimedAtMs: now.getTime(), ...content };
}

async function settle(tx: TransactionContext, id: string, outcome: SendOutcome): Promise<void> {
  switch (outcome.outcome) {
    case 'accepted':
      return close(tx, id, 'sent', null, ['calling', 'unknown']);
    case 'unknown':
      return close(tx, id, 'unknown', outcome.code, ['calling']);
    case 'retry': {
      const waits = await tx.sql(
        "update code_texts set state = 'waiting', claimed_at = null where id = $1 and state = 'calling' returning 1 as one",
        [id],
      );
      const startAfter = new Date(tx.clock.now() + Math.max(againMs, outcome.retryAfterMs ?? 0));
      if (waits.length > 0) tx.enqueue(sendCodeText, { codeTextId: id }, { startAfter });
      return;
    }
    case 'reject':
    case 'reconnect':
      return notSent(tx, id, outcome.code);
  }
}

async function notSent(tx: TransactionContext, id: string, code: string): Promise<void> {
  await close(tx, id, 'refused', code, ['calling']);
  await tx.use(segmentLedger).giveBack(tx, id);
}

async function close(
  tx: TransactionContext,
  id: string,
  state: CodeText['state'],
  code: string | null,
  from: readonly string[],
): Promise<void> {
  await tx.sql(
    `update code_texts set state = $2, error_code = $3, content = null where id = $1 and state = any($4)`,
    [id, state, code, from],
  );
}

export interface CodeReport {
  readonly id: string;
  readonly failed: boolean;
  readonly errorCode: string | null;
}

/** What providers report of codes. Returns the ids among them that are codes of ours. */
export async function applyCodeReports(
  tx: TransactionContext,
  reports: readonly CodeReport[],
): Promise<ReadonlySet<string>> {
  if (reports.length === 0) return new Set();
  const rows = await tx.sql<{ id: string }>('select id from code_texts where id = any($1)', [
    reports.map(({ id }) => id),
  ]);
  const known = new Set(rows.map(({ id }) => id));
  for (const { id, failed, errorCode } of reports) {
    if (!known.has(id)) continue;
    if (failed) await close(tx, id, 'undelivered', errorCode, ['calling', 'sent', 'unknown']);
    else await close(tx, id, 'sent', null, ['unknown']);
  }
  return known;
}

/** Also forgets the content of what its job never came to. */
export async function forgetCodes(ctx: SystemContext): Promise<void> {
  const now = ctx.clock.now();
  await ctx.system(async (queries) => {
    await queries.sql('delete from code_texts where created_at < $1', [new Date(now - keptMs)]);
    await queries.sql(
      `update code_texts set content = null, state = case state when 'waiting' then 'refused' else 'unknown' end
       where state in ('waiting', 'calling') and created_at < $1`,
      [new Date(now - 10 * sentWithinMs)],
    );
  });
}
