// Channels as the rest of Parley sees them, and the opened ones that webhooks and sends need, kept for a moment.
import type { Channel, ChannelStatus } from '@parley/contract/channels';
import { definePort, type Parts, type TransactionContext } from '../../core/context.ts';
import { CryptoError } from '../../core/crypto.ts';
import type { Statement } from '../../core/database.ts';
import type { Kernel } from '../../core/kernel.ts';
import { NaturalBatch } from '../../core/natural-batch.ts';
import type { ChannelAdapter, ChannelCapabilities, ChannelConnection } from './adapter.ts';

/** The channel providers, by name. */
export const channelAdapters = definePort<ReadonlyMap<string, ChannelAdapter>>('channel adapters');

/** @throws Error when the provider of a stored channel is not built in any more. */
export function adapterOf(parts: Pick<Parts, 'use'>, provider: string): ChannelAdapter {
  const adapter = parts.use(channelAdapters).get(provider);
  if (!adapter) throw new Error(`there is no channel provider "${provider}"`);
  return adapter;
}

export interface ChannelSummary {
  readonly id: string;
  readonly workspaceId: string;
  readonly provider: string;
  readonly name: string;
  /** E.164, a short code or an alphanumeric sender. */
  readonly address: string;
  readonly poolId: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  readonly status: ChannelStatus;
  readonly capabilities: ChannelCapabilities;
}

export interface SummaryRow {
  id: string;
  workspace_id: string;
  provider: string;
  name: string;
  address: string;
  pool_id: string | null;
  country: string | null;
  status: ChannelStatus;
}

export const summaryColumns =
  'c.id, c.workspace_id, c.provider, c.name, c.address, c.pool_id, c.country, c.status';

export function toSummary(parts: Pick<Parts, 'use'>, row: SummaryRow): ChannelSummary {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    provider: row.provider,
    name: row.name,
    address: row.address,
    poolId: row.pool_id,
    country: row.country,
    status: row.status,
    capabilities: adapterOf(parts, row.provider).capabilities,
  };
}

const selectOne: Statement = {
  name: 'channel_find',
  text: `select ${summaryColumns} from channels c where c.id = $1 and c.deleted_at is null`,
};

/** Null for a deleted one. */
export async function findChannel(tx: TransactionContext, channelId: string): Promise<ChannelSummary | null> {
  const [row] = await tx.sql<SummaryRow>(selectOne, [channelId]);
  return row ? toSummary(tx, row) : null;
}

/** The channel that is used where none is named: the oldest one that works. Null when there is none. */
export async function defaultChannel(tx: TransactionContext): Promise<ChannelSummary | null> {
  const [row] = await tx.sql<SummaryRow>({
    name: 'channel_default',
    text: `select ${summaryColumns} from channels c where c.deleted_at is null
      order by (c.status = 'active') desc, (c.status = 'needs_attention') desc, c.created_at, c.id limit 1`,
  });
  return row ? toSummary(tx, row) : null;
}

/** The channel that texts a phone where none is named: the oldest one that works and can. Null when there is none. */
export async function textChannel(tx: TransactionContext): Promise<ChannelSummary | null> {
  const rows = await tx.sql<SummaryRow>(
    `select ${summaryColumns} from channels c where c.deleted_at is null and c.status <> 'paused'
     order by (c.status = 'active') desc, c.created_at, c.id`,
  );
  return rows.map((row) => toSummary(tx, row)).find(({ capabilities }) => capabilities.segments) ?? null;
}

/** Where a provider must call for a channel. */
export function webhookUrls(parts: Pick<Parts, 'config'>, adapter: ChannelAdapter): Channel['webhooks'] {
  const base = `${parts.config.publicUrl}/webhook/${adapter.provider}`;
  return { inbound: `${base}/${adapter.hooks.inbound}`, status: `${base}/${adapter.hooks.status}` };
}

/** What rests sealed in `channels.credentials`. */
export interface StoredCredentials {
  readonly current: unknown;
  /** Those before, which verify webhooks until they are removed. */
  readonly previous: unknown;
}

export const credentialsPlace = (channelId: string) => `channels.credentials:${channelId}`;

/** A channel with its credentials in the clear: only for the call that is made now. */
export interface OpenChannel extends ChannelSummary {
  readonly accountId: string;
  readonly current: unknown;
  readonly previous: unknown;
}

export function toConnection(channel: OpenChannel): ChannelConnection {
  return { address: channel.address, poolId: channel.poolId, credentials: channel.current };
}

/** What a webhook call says about itself. */
export interface WebhookQuestion {
  readonly provider: string;
  readonly address: string | null;
  readonly poolId: string | null;
  readonly accountId: string | null;
}

interface OpenRow extends SummaryRow {
  account_id: string;
  credentials: Uint8Array;
}

const openColumns = `${summaryColumns}, c.account_id, c.credentials`;

const selectForWebhooks: Statement = {
  name: 'channels_for_webhooks',
  // The account is only the tie-break: the number of a subaccount may be connected with either account's SID.
  text: `select asked.ordinality::int as asked, found.*
    from unnest($1::text[], $2::text[], $3::text[], $4::text[])
      with ordinality as asked(provider, address, pool_id, account_id, ordinality)
    cross join lateral (
      select ${openColumns} from channels c
      where c.provider = asked.provider and c.deleted_at is null
        and (c.address = asked.address or c.pool_id = asked.pool_id)
      order by (c.account_id = asked.account_id) desc, (c.address = asked.address) desc, c.created_at, c.id
      limit 4
    ) found`,
};

const selectOpen: Statement = {
  name: 'channel_open',
  text: `select ${openColumns} from channels c where c.id = $1 and c.deleted_at is null`,
};

/** Longer would serve a removed credential longer, should the wake-up about it get lost. */
const knownMs = 5000;
/** A number that is connected now must work at once, also where the wake-up got lost. */
const unknownMs = 500;
/** Callers choose the questions: their number is bounded. */
const entriesMax = 10_000;
const questionsMax = 200;

interface Entry<Value> {
  readonly value: Promise<Value>;
  until: number;
}

/** Opened channels of this process. Every change of a channel is announced on the bus, and empties this. */
export class Connections {
  readonly #kernel: Kernel;
  readonly #lookups: NaturalBatch<WebhookQuestion, readonly OpenChannel[]>;
  readonly #byQuestion = new Map<string, Entry<readonly OpenChannel[]>>();
  readonly #byId = new Map<string, Entry<OpenChannel | null>>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#lookups = new NaturalBatch((questions) => this.#answer(questions), { sizeMax: questionsMax });
    kernel.bus.subscribe(channelsTopic, () => this.#forget());
  }

  #forget(): void {
    this.#byQuestion.clear();
    this.#byId.clear();
  }

  /** The channels that a webhook call may be for, likeliest first: which of them it is, the signature decides. */
  async forWebhook(question: WebhookQuestion): Promise<readonly OpenChannel[]> {
    const key = `${question.provider}\n${question.address}\n${question.poolId}\n${question.accountId}`;
    const known = this.#byQuestion.get(key);
    if (known && known.until > Date.now()) return known.value;
    const entry: Entry<readonly OpenChannel[]> = {
      value: this.#lookups.add(question),
      until: Date.now() + knownMs,
    };
    keep(this.#byQuestion, key, entry);
    const channels = await entry.value;
    if (channels.length === 0) entry.until = Math.min(entry.until, Date.now() + unknownMs);
    return channels;
  }

  /** Null for a deleted one, and for one of another workspace. */
  async open(workspaceId: string, channelId: string): Promise<OpenChannel | null> {
    const known = this.#byId.get(channelId);
    const entry =
      known && known.until > Date.now()
        ? known
        : keep(this.#byId, channelId, { value: this.#load(channelId), until: Date.now() + knownMs });
    const channel = await entry.value;
    return channel?.workspaceId === workspaceId ? channel : null;
  }

  async #load(channelId: string): Promise<OpenChannel | null> {
    const [row] = await this.#kernel.database.asSystem((queries) =>
      queries.sql<OpenRow>(selectOpen, [channelId]),
    );
    return row ? this.#openRow(row) : null;
  }

  async #answer(questions: readonly WebhookQuestion[]): Promise<readonly (readonly OpenChannel[])[]> {
    const column = (part: keyof WebhookQuestion) =>
      questions.map((question) => storable(question[part] ?? ''));
    const rows = await this.#kernel.database.asSystem((queries) =>
      queries.sql<OpenRow & { asked: number }>(selectForWebhooks, [
        column('provider'),
        column('address'),
        column('poolId'),
        column('accountId'),
      ]),
    );
    const answers: OpenChannel[][] = questions.map(() => []);
    for (const row of rows) {
      try {
        answers[row.asked - 1]?.push(await this.#openRow(row));
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error;
        this.#kernel.log.error(
          { err: error, channel: row.id },
          'the credentials of a channel cannot be opened',
        );
      }
    }
    return answers;
  }

  async #openRow(row: OpenRow): Promise<OpenChannel> {
    const vault = await this.#kernel.keyring.vault(row.workspace_id);
    const stored = JSON.parse(vault.openText(row.credentials, credentialsPlace(row.id))) as StoredCredentials;
    return { ...toSummary(this.#kernel, row), accountId: row.account_id, ...stored };
  }
}

function keep<Value>(entries: Map<string, Entry<Value>>, key: string, entry: Entry<Value>): Entry<Value> {
  if (entries.size >= entriesMax) entries.clear();
  entries.set(key, entry);
  entry.value.catch(() => {
    if (entries.get(key) === entry) entries.delete(key);
  });
  return entry;
}

/** What a stranger sent as text that PostgreSQL takes: it refuses NUL, and no channel's address has one. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '').slice(0, 400);
}

/** Every process empties its `Connections` when this is published on the bus. */
export const channelsTopic = 'channels';
