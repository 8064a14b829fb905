// Counts the webhook calls that were refused, and tells the workspace; a flood of forgeries costs a write a second.
import { z } from 'zod';
import { systemActor } from '../../core/context.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import type { Kernel } from '../../core/kernel.ts';
import { storable } from './connections.ts';
import { Paced } from './paced.ts';

export const refusalReasons = [
  'wrong_signature',
  'wrong_url',
  'missing_signature',
  'unreadable',
  'unknown_number',
] as const;
export type Refused = (typeof refusalReasons)[number];

export const webhookRefused = defineEvent({
  type: 'webhook.refused',
  doc: 'Webhook calls for a channel were refused; told at most once a minute for each channel, hook and reason.',
  permission: 'channels:read',
  payload: z.object({
    channelId: z.uuid(),
    hook: z.string(),
    reason: z.enum(refusalReasons),
    /** Of this reason, ever. */
    count: z.number().int(),
  }),
  audit: {
    target: 'channel',
    id: 'channelId',
    result: 'refused',
    // Forgeries; the other reasons are how a channel looks that was set up wrongly.
    alerts: ({ reason }) => reason === 'wrong_signature' || reason === 'missing_signature',
  },
});

const intervalMs = 1000;
/** Accounts are named by callers that nobody verified: no more of them are remembered between two writes. */
const accountsMax = 500;
/** An account may have thousands of numbers; telling a few of its channels is enough. */
const channelsPerAccountMax = 10;

interface Gathered {
  readonly workspaceId: string;
  readonly channelId: string;
  readonly hook: string;
  readonly reason: Refused;
  count: number;
  lastAt: Date;
}

interface Unattributed {
  readonly provider: string;
  readonly accountId: string;
  readonly hook: string;
  count: number;
}

export class Refusals {
  readonly #kernel: Kernel;
  readonly #paced: Paced;
  #byChannel = new Map<string, Gathered>();
  #byAccount = new Map<string, Unattributed>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#paced = new Paced(
      intervalMs,
      () => this.#write(),
      (error) => kernel.log.warn({ err: error }, 'refused webhooks could not be counted'),
    );
  }

  note(channel: { id: string; workspaceId: string }, hook: string, reason: Refused, count = 1): void {
    const key = `${channel.id} ${hook} ${reason}`;
    const known = this.#byChannel.get(key);
    const lastAt = this.#kernel.clock.date();
    if (known) {
      known.count += count;
      known.lastAt = lastAt;
    } else {
      const { id: channelId, workspaceId } = channel;
      this.#byChannel.set(key, { workspaceId, channelId, hook, reason, count, lastAt });
    }
    this.#paced.touch();
  }

  /** A call for a number that nobody connected: told to the channels of the account that it names. */
  noteUnknownNumber(provider: string, namedAccount: string, hook: string): void {
    const accountId = storable(namedAccount);
    const key = `${provider} ${accountId} ${hook}`;
    const known = this.#byAccount.get(key);
    if (known) known.count += 1;
    else if (this.#byAccount.size < accountsMax)
      this.#byAccount.set(key, { provider, accountId, hook, count: 1 });
    this.#paced.touch();
  }

  close(): Promise<void> {
    return this.#paced.close();
  }

  async #write(): Promise<void> {
    await this.#attribute();
    const gathered = [...this.#byChannel.values()];
    this.#byChannel = new Map();
    const byWorkspace = Map.groupBy(gathered, ({ workspaceId }) => workspaceId);
    for (const [workspaceId, refused] of byWorkspace) await this.#record(workspaceId, refused);
  }

  async #attribute(): Promise<void> {
    const asked = [...this.#byAccount.values()];
    this.#byAccount = new Map();
    if (asked.length === 0) return;
    const channels = await this.#kernel.database.asSystem((queries) =>
      queries.sql<{ asked: number; id: string; workspace_id: string }>(
        `select asked.ordinality::int as asked, found.*
         from unnest($1::text[], $2::text[]) with ordinality as asked(provider, account_id, ordinality)
         cross join lateral (
           select c.id, c.workspace_id from channels c
           where c.provider = asked.provider and c.account_id = asked.account_id and c.deleted_at is null
           order by c.created_at desc limit ${channelsPerAccountMax}
         ) found`,
        [asked.map(({ provider }) => provider), asked.map(({ accountId }) => accountId)],
      ),
    );
    for (const channel of channels) {
      const question = asked[channel.asked - 1];
      if (question) {
        const { id, workspace_id: workspaceId } = channel;
        this.note({ id, workspaceId }, question.hook, 'unknown_number', question.count);
      }
    }
  }

  async #record(workspaceId: string, refused: readonly Gathered[]): Promise<void> {
    const ctx = this.#kernel.context({ workspaceId, actor: systemActor, requestId: newId() });
    await ctx.transaction(async (tx) => {
      const rows = await tx.sql<{
        channel_id: string;
        hook: string;
        reason: Refused;
        count: string | number;
        announced: boolean;
      }>(
        `insert into refusals (workspace_id, channel_id, hook, reason, count, last_at, announced_at)
         select $1, r.channel_id, r.hook, r.reason, r.count, r.last_at, r.last_at
         from jsonb_to_recordset($2::jsonb)
           as r(channel_id uuid, hook text, reason text, count bigint, last_at timestamptz)
         on conflict (channel_id, hook, reason) do update set
           count = refusals.count + excluded.count,
           last_at = excluded.last_at,
           announced_at = case
             when refusals.announced_at <= excluded.last_at - interval '1 minute' then excluded.last_at
             else refusals.announced_at end
         returning channel_id, hook, reason, count, announced_at = last_at as announced`,
        [
          tx.workspaceId,
          JSON.stringify(
            refused.map(({ channelId, hook, reason, count, lastAt }) => ({
              channel_id: channelId,
              hook,
              reason,
              count,
              last_at: lastAt,
            })),
          ),
        ],
      );
      for (const { channel_id: channelId, hook, reason, count, announced } of rows) {
        if (announced) tx.append(webhookRefused, { channelId, hook, reason, count: Number(count) });
      }
    });
  }
}
