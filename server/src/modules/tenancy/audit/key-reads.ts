// Sees when a key reads far more than it usually does, which is how a stolen one is used. Counted in memory and written
// once a minute: a request pays for an increment.
import { z } from 'zod';
import { systemActor } from '../../../core/context.ts';
import { defineEvent } from '../../../core/events.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';

/** So many times what is usual is unusual: a busy day is two or three times, a copy of everything is a hundred. */
const timesUsual = 10;
/** A key that usually reads less than this an hour is judged as if it read so much: opening a few pages is no alarm. */
const usualPerHourMin = 100;
/** What a key does on its first day is not yet what it usually does. */
const historyHoursMin = 24;
const historyDays = 7;
const hourMs = 3_600_000;
const writeEveryMs = 60_000;

export const keyReadsExceeded = defineEvent({
  type: 'api_key.read_much',
  doc: `An API key reads more than ${timesUsual} times what it read in a usual hour of the past ${historyDays} days; told once an hour.`,
  permission: 'audit:read',
  payload: z.object({ apiKeyId: z.uuid(), reads: z.number().int(), usualPerHour: z.number().int() }),
  audit: { target: 'api_key', id: 'apiKeyId', alerts: () => true },
});

const add = `insert into api_key_reads (workspace_id, api_key_id, hour, reads)
  select $1, k.id, $3, $4 from api_keys k where k.id = $2
  on conflict (api_key_id, hour) do update set reads = api_key_reads.reads + excluded.reads
  returning reads`;
const history = `select sum(reads) as usual, min(hour) as since from api_key_reads
  where api_key_id = $1 and hour >= $2 and hour < $3`;

export class KeyReads {
  readonly #kernel: Kernel;
  readonly #timer: NodeJS.Timeout;
  #counts = new Map<string, { workspaceId: string; reads: number }>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#timer = setInterval(() => void this.write(), writeEveryMs);
    this.#timer.unref();
  }

  note(keyId: string, workspaceId: string): void {
    const known = this.#counts.get(keyId);
    if (known) known.reads += 1;
    else this.#counts.set(keyId, { workspaceId, reads: 1 });
  }

  async write(): Promise<void> {
    const counts = [...this.#counts];
    this.#counts = new Map();
    for (const [keyId, { workspaceId, reads }] of counts) {
      await this.#record(workspaceId, keyId, reads).catch((error: unknown) => {
        this.#kernel.log.warn({ err: error }, 'what a key read could not be counted');
      });
    }
  }

  async #record(workspaceId: string, keyId: string, reads: number): Promise<void> {
    const ctx = this.#kernel.context({ workspaceId, actor: systemActor, requestId: newId() });
    const now = this.#kernel.clock.now();
    const hour = new Date(now - (now % hourMs));
    const since = new Date(hour.getTime() - historyDays * 24 * hourMs);
    await ctx.transaction(async (tx) => {
      const [counted] = await tx.sql<{ reads: string | number }>(add, [workspaceId, keyId, hour, reads]);
      if (!counted) return;
      const total = Number(counted.reads);
      const [before] = await tx.sql<{ usual: string | number | null; since: string | Date | null }>(history, [
        keyId,
        since,
        hour,
      ]);
      await tx.sql('delete from api_key_reads where api_key_id = $1 and hour < $2', [keyId, since]);
      if (!before?.since) return;
      const hours = (hour.getTime() - new Date(before.since).getTime()) / hourMs;
      if (hours < historyHoursMin) return;
      const usualPerHour = Math.round(Number(before.usual) / hours);
      const limit = timesUsual * Math.max(usualPerHour, usualPerHourMin);
      // Where the limit is crossed, and not each time beyond it.
      if (total >= limit && total - reads < limit)
        tx.append(keyReadsExceeded, { apiKeyId: keyId, reads: total, usualPerHour });
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }
}
