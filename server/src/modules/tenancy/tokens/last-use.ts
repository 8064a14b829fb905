// When a session was used last: written at most once a minute by each process, for a request is no reason to write.
import type { Kernel } from '../../../core/kernel.ts';

const everyMs = 60_000;
/** So many are remembered; beyond, a few are written once more. */
const rememberedMax = 10_000;

export class LastUses {
  readonly #kernel: Kernel;
  readonly #written = new Map<string, number>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  async note(table: 'sessions' | 'token_families', id: string, address: string): Promise<void> {
    const now = this.#kernel.clock.now();
    if (now - (this.#written.get(id) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
    if (this.#written.size >= rememberedMax) this.#written.clear();
    this.#written.set(id, now);
    const column = table === 'sessions' ? 'ip_address' : 'address';
    await this.#kernel.database.asSystem((queries) =>
      queries.sql(
        `update ${table} set last_used_at = $2, ${column} = $3
         where id = $1 and (last_used_at is null or last_used_at <= $4)`,
        [id, new Date(now), address, new Date(now - everyMs)],
      ),
    );
  }
}
