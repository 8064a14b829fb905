// Whether the providers that have channels answer: asked for health reports, and not more often than they are worth.
import type { SystemContext } from '../../core/context.ts';
import type { HealthProbe, HealthResult } from '../../core/health.ts';
import type { Kernel } from '../../core/kernel.ts';
import { ProviderUnavailableError } from './adapter.ts';
import type { Breakers } from './breakers.ts';
import { adapterOf, type Connections } from './connections.ts';

/** How long an answer stands. */
const freshMs = 30_000;

export interface ProviderReach {
  readonly provider: string;
  readonly reachable: boolean;
  readonly checkedAt: Date;
}

export class Reachability {
  readonly #kernel: Kernel;
  readonly #connections: Connections;
  readonly #breakers: Breakers;
  #latest: { until: number; reaches: Promise<readonly ProviderReach[]> } | undefined;

  constructor(kernel: Kernel, connections: Connections, breakers: Breakers) {
    this.#kernel = kernel;
    this.#connections = connections;
    this.#breakers = breakers;
  }

  /** Asks each provider with one channel's credentials: a refusal of them is an answer too. */
  async check(): Promise<readonly ProviderReach[]> {
    if (!this.#latest || this.#latest.until < Date.now()) {
      const latest = { until: Date.now() + freshMs, reaches: this.#ask() };
      this.#latest = latest;
      latest.reaches.catch(() => {
        if (this.#latest === latest) this.#latest = undefined;
      });
    }
    return this.#latest.reaches;
  }

  async #ask(): Promise<readonly ProviderReach[]> {
    const rows = await this.#kernel.database.asSystem((queries) =>
      queries.sql<{ id: string; workspace_id: string }>(
        `select distinct on (provider) id, workspace_id from channels where deleted_at is null
         order by provider, (status = 'active') desc, created_at`,
      ),
    );
    const channels = await Promise.all(
      rows.map((row) => this.#connections.open(row.workspace_id, row.id).catch(() => null)),
    );
    return Promise.all(
      channels
        .filter((channel) => channel !== null)
        .map(async (channel): Promise<ProviderReach> => {
          const adapter = adapterOf(this.#kernel, channel.provider);
          const reachable = await this.#breakers
            .call(channel, 'check', () => adapter.check(channel.current))
            .then(
              () => true,
              (error) => {
                if (error instanceof ProviderUnavailableError) return false;
                throw error;
              },
            );
          return { provider: channel.provider, reachable, checkedAt: this.#kernel.clock.date() };
        }),
    );
  }
}

/** The part `provider` of the health report. */
export function providerProbe(reachability: (ctx: SystemContext) => Reachability): HealthProbe {
  return {
    name: 'provider',
    required: false,
    check: async (ctx): Promise<HealthResult> => {
      const reaches = await reachability(ctx).check();
      if (reaches.length === 0) return { status: 'off', detail: 'no channel is connected' };
      const silent = reaches.filter(({ reachable }) => !reachable).map(({ provider }) => provider);
      if (silent.length === 0) return { status: 'ok' };
      return { status: 'down', detail: `${silent.join(', ')} cannot be reached` };
    },
  };
}
