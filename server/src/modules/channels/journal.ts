// The journal: every verified webhook call, durable before it is acknowledged, stored once however often it comes.
//
// Concurrent calls share a commit (natural batching), so that the disk's latency is paid by the batch and not by the
// call. A batch that fails for one bad row is written row by row: the bad one fails alone.
import { systemActor } from '../../core/context.ts';
import type { Queries, Statement } from '../../core/database.ts';
import { databaseErrorCode } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { NaturalBatch } from '../../core/natural-batch.ts';
import type { PendingJob } from '../../core/queue.ts';
import { deliveryReceived } from './deliveries.ts';

export interface JournalEntry {
  readonly id: string;
  readonly workspaceId: string;
  readonly channelId: string;
  readonly hook: string;
  /** The same for the provider's retries of one call. */
  readonly deliveryKey: string;
  /** Sealed; see packPayload. */
  readonly payload: Buffer;
  readonly requestId: string;
  readonly receivedAt: Date;
}

export type Recorded = 'new' | 'duplicate';

/** More calls wait for the journal than may: the provider calls again. */
export class JournalFullError extends Error {
  override readonly name = 'JournalFullError';
}

const flush = { sizeMax: 200, secondAt: 20 };

// The payloads come as one value, cut by position: an array of bytea would cross the wire as text of twice the size.
const insertDeliveries: Statement = {
  name: 'journal_insert',
  text: `insert into deliveries
      (id, workspace_id, channel_id, hook, delivery_key, payload, request_id, received_at, duplicates)
    select e.id, e.workspace_id, e.channel_id, e.hook, e.delivery_key,
      substring($2::bytea from e.start for e.length), e.request_id, e.received_at, e.duplicates
    from jsonb_to_recordset($1::jsonb) as e(id uuid, workspace_id uuid, channel_id uuid, hook text, delivery_key text,
      start int, length int, request_id text, received_at timestamptz, duplicates int)
    on conflict (channel_id, hook, delivery_key) do update
      set duplicates = deliveries.duplicates + 1 + excluded.duplicates
    returning id`,
};

export class Journal {
  readonly #kernel: Kernel;
  readonly #batches: NaturalBatch<JournalEntry, Recorded>;
  readonly #waitingMax: number;

  constructor(kernel: Kernel, waitingMax: number) {
    this.#kernel = kernel;
    this.#waitingMax = waitingMax;
    this.#batches = new NaturalBatch((entries) => this.#write(entries), flush);
  }

  get isFull(): boolean {
    return this.#batches.waiting >= this.#waitingMax;
  }

  /**
   * Resolves when the call is on disk with its job, or was there before.
   * @throws JournalFullError; whatever the database said
   */
  async add(entry: JournalEntry): Promise<Recorded> {
    if (this.isFull) throw new JournalFullError('too many calls wait for the journal');
    return this.#batches.add(entry);
  }

  async #write(entries: readonly JournalEntry[]): Promise<readonly (Recorded | Error)[]> {
    try {
      return await this.#writeTogether(entries);
    } catch (error) {
      if (entries.length === 1 || !isAboutRows(error)) throw error;
      this.#kernel.log.warn(
        { err: error, entries: entries.length },
        'a journal batch failed and is written row by row',
      );
      const results: (Recorded | Error)[] = [];
      for (const entry of entries) {
        results.push(
          await this.#writeTogether([entry]).then(
            ([recorded]) => recorded ?? 'duplicate',
            (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
          ),
        );
      }
      return results;
    }
  }

  async #writeTogether(entries: readonly JournalEntry[]): Promise<readonly Recorded[]> {
    // One statement cannot meet the same key twice.
    const folded = new Map<string, { entry: JournalEntry; duplicates: number }>();
    for (const entry of entries) {
      const key = keyOf(entry);
      const known = folded.get(key);
      if (known) known.duplicates += 1;
      else folded.set(key, { entry, duplicates: 0 });
    }
    // In one order everywhere, so that two processes with the same calls wait for one another and do not deadlock.
    const ordered = [...folded.entries()]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, row]) => row);
    const inserted = await this.#kernel.database.asSystem((queries) => this.#insert(queries, ordered));
    if (inserted.size > 0) this.#kernel.queue.wake([deliveryReceived.name]);
    return entries.map((entry) => (inserted.has(entry.id) ? 'new' : 'duplicate'));
  }

  /** Returns the ids of the rows that are new. */
  async #insert(
    queries: Queries,
    rows: readonly { entry: JournalEntry; duplicates: number }[],
  ): Promise<ReadonlySet<string>> {
    let end = 0;
    const records = rows.map(({ entry, duplicates }) => {
      const start = end + 1;
      end += entry.payload.length;
      return {
        id: entry.id,
        workspace_id: entry.workspaceId,
        channel_id: entry.channelId,
        hook: entry.hook,
        delivery_key: entry.deliveryKey,
        start,
        length: entry.payload.length,
        request_id: entry.requestId,
        received_at: entry.receivedAt,
        duplicates,
      };
    });
    const payloads = Buffer.concat(
      rows.map(({ entry }) => entry.payload),
      end,
    );
    const stored = await queries.sql<{ id: string }>(insertDeliveries, [JSON.stringify(records), payloads]);
    const known = new Set(stored.map(({ id }) => id));
    // What met an earlier row came back with that row's id.
    const fresh = rows.filter(({ entry }) => known.has(entry.id)).map(({ entry }) => entry);
    if (fresh.length > 0) await this.#kernel.enqueueAsOwner(queries, jobsFor(fresh));
    return new Set(fresh.map(({ id }) => id));
  }
}

/** One job for each workspace: what was journaled together is processed together. */
function jobsFor(entries: readonly JournalEntry[]): PendingJob[] {
  return Array.from(
    Map.groupBy(entries, ({ workspaceId }) => workspaceId),
    ([workspaceId, group]) => ({
      job: deliveryReceived as never,
      envelope: {
        workspaceId,
        actor: { kind: systemActor.kind, id: systemActor.id },
        // Each delivery has its own; this one names the job alone.
        requestId: group[0]?.requestId ?? '',
        input: { deliveryIds: group.map(({ id }) => id), postponed: 0 },
      },
      options: {},
    }),
  );
}

function keyOf({ channelId, hook, deliveryKey }: JournalEntry): string {
  return `${channelId} ${hook} ${deliveryKey}`;
}

/**
 * Whether rows can be to blame: data, constraint and limit errors, deadlocks. When the server is gone or full,
 * asking it once per row makes that worse.
 */
function isAboutRows(error: unknown): boolean {
  const code = databaseErrorCode(error);
  return code !== null && !/^(08|53|57|58)/.test(code);
}
