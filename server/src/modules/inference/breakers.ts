// Whom not to ask for a while: one breaker for each model in each workspace, closed again by a probe.
import { type CircuitBreakerPolicy, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { ModelFailure, tellsOfEndpoint } from './model-failure.ts';

const failuresBeforeOpening = 5;
const openForMsDefault = 30_000;

export interface Breaker {
  readonly policy: CircuitBreakerPolicy;
  /** When it opened last; null while it is closed. */
  readonly openedAt: number | null;
}

interface Entry extends Breaker {
  readonly version: string;
  openedAt: number | null;
}

/** Hears of a model that begins to rest, and of one that answers again. */
export interface BreakerListener {
  opened(reason: string): void;
  closed(): void;
}

interface Breakable {
  readonly id: string;
  readonly version: string;
}

/** The breakers of this process, by workspace, model and version of its settings: another key may be what was wrong. */
export class Breakers {
  readonly #openForMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(openForMs = openForMsDefault) {
    this.#openForMs = openForMs;
  }

  of(workspaceId: string, model: Breakable, listener: BreakerListener): Breaker {
    const key = `${workspaceId} ${model.id}`;
    const known = this.#entries.get(key);
    if (known?.version === model.version) return known;
    const policy = circuitBreaker(
      handleWhen((error) => error instanceof ModelFailure && tellsOfEndpoint(error.reason)),
      { halfOpenAfter: this.#openForMs, breaker: new ConsecutiveBreaker(failuresBeforeOpening) },
    );
    const entry: Entry = { version: model.version, policy, openedAt: null };
    policy.onBreak((cause) => {
      const wasClosed = entry.openedAt === null;
      entry.openedAt = Date.now();
      if (!wasClosed) return;
      const error = 'error' in cause ? cause.error : null;
      listener.opened(error instanceof ModelFailure ? error.reason : 'provider_error');
    });
    policy.onReset(() => {
      entry.openedAt = null;
      listener.closed();
    });
    this.#entries.set(key, entry);
    return entry;
  }

  /** It is not asked now; when its rest is over, one question goes there as a probe. */
  isResting(workspaceId: string, model: Breakable): boolean {
    const entry = this.#entries.get(`${workspaceId} ${model.id}`);
    if (entry?.version !== model.version || entry.openedAt === null) return false;
    return Date.now() - entry.openedAt < this.#openForMs;
  }
}
