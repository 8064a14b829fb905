// When a channel last heard and said something, written every few seconds and not with each message: the row is hot.
import type { Kernel } from '../../core/kernel.ts';
import { Paced } from './paced.ts';

const intervalMs = 5000;

export class Activity {
  readonly #kernel: Kernel;
  readonly #paced: Paced;
  #noted = new Map<string, { inbound?: Date; outbound?: Date }>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#paced = new Paced(
      intervalMs,
      () => this.#write(),
      (error) => kernel.log.warn({ err: error }, 'the activity of channels could not be written'),
    );
  }

  note(channelId: string, direction: 'inbound' | 'outbound', at: Date): void {
    const noted = this.#noted.get(channelId);
    if (noted) noted[direction] = at;
    else this.#noted.set(channelId, { [direction]: at });
    this.#paced.touch();
  }

  close(): Promise<void> {
    return this.#paced.close();
  }

  async #write(): Promise<void> {
    if (this.#noted.size === 0) return;
    const rows = [...this.#noted].map(([id, at]) => ({ id, ...at }));
    this.#noted = new Map();
    await this.#kernel.database.asSystem((queries) =>
      queries.sql(
        `update channels c set
           last_inbound_at = greatest(c.last_inbound_at, noted.inbound),
           last_outbound_at = greatest(c.last_outbound_at, noted.outbound)
         from jsonb_to_recordset($1::jsonb) as noted(id uuid, inbound timestamptz, outbound timestamptz)
         where c.id = noted.id`,
        [JSON.stringify(rows)],
      ),
    );
  }
}
