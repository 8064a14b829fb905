// One circuit breaker for each provider account: a provider that is down is left alone, and tried again by one call.
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import type { Histogram } from 'prom-client';
import type { Kernel } from '../../core/kernel.ts';
import { ProviderUnavailableError, type SendOutcome } from './adapter.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** Our own code for "not called, because calls to this account pause". */
export const circuitOpen = 'circuit_open';

const failuresInRow = 10;
const pauseMsMin = 5000;
const pauseMsMax = 30_000;
/** News of another process's breaker is worth this long: it may have ended without a word. */
const newsMs = 60_000;

const topic = 'breakers';
const stateNames: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

export class Breakers {
  readonly #kernel: Kernel;
  readonly #seconds: Histogram<'provider' | 'operation' | 'outcome'>;
  readonly #policies = new Map<string, CircuitBreakerPolicy>();
  readonly #news = new Map<string, { state: BreakerState; at: number }>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#seconds = kernel.metrics.histogram(
      'parley_provider_call_seconds',
      'How long calls to channel providers take.',
      ['provider', 'operation', 'outcome'],
    );
    kernel.bus.subscribe(topic, (message) => {
      const [provider, accountId, state] = message.split(' ');
      if (!provider || !accountId || !isBreakerState(state)) return;
      this.#news.set(`${provider} ${accountId}`, { state, at: Date.now() });
    });
  }

  /** What the breakers of an account are in all processes, as far as this one has heard. */
  state(provider: string, accountId: string): BreakerState {
    const key = `${provider} ${accountId}`;
    const own = this.#policies.get(key);
    if (own && own.state !== CircuitState.Closed) return stateNames[own.state];
    const news = this.#news.get(key);
    return news && news.at + newsMs > Date.now() ? news.state : 'closed';
  }

  /**
   * Makes one call, unless the account's calls pause.
   * @throws ProviderUnavailableError, `circuit_open` for a call that was not made
   */
  async call<Result>(
    account: { provider: string; accountId: string },
    operation: string,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const started = performance.now();
    let outcome = 'accepted';
    try {
      const result = await this.#policy(account).execute(run);
      outcome = outcomeOf(result);
      return result;
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        outcome = circuitOpen;
        throw new ProviderUnavailableError(circuitOpen, true, { cause: error });
      }
      outcome = error instanceof ProviderUnavailableError ? 'unavailable' : 'error';
      throw error;
    } finally {
      const { provider } = account;
      this.#seconds.observe({ provider, operation, outcome }, (performance.now() - started) / 1000);
    }
  }

  #policy({ provider, accountId }: { provider: string; accountId: string }): CircuitBreakerPolicy {
    const key = `${provider} ${accountId}`;
    const known = this.#policies.get(key);
    if (known) return known;
    const policy = circuitBreaker(
      handleWhen(
        (error) => error instanceof ProviderUnavailableError && error.retryable && !isThrottled(error),
      ).orWhenResult((result) => isOutcome(result) && isFailure(result)),
      {
        breaker: new ConsecutiveBreaker(failuresInRow),
        halfOpenAfter: new ExponentialBackoff({ initialDelay: pauseMsMin, maxDelay: pauseMsMax }),
      },
    );
    policy.onStateChange((state) => {
      this.#kernel.bus.publish(topic, `${key} ${stateNames[state]}`);
      this.#kernel.log.warn(
        { provider, account: accountId, state: stateNames[state] },
        'a circuit breaker changed',
      );
    });
    this.#policies.set(key, policy);
    return policy;
  }
}

function isBreakerState(value: string | undefined): value is BreakerState {
  return value === 'closed' || value === 'open' || value === 'half_open';
}

function isOutcome(result: unknown): result is SendOutcome {
  return typeof result === 'object' && result !== null && 'outcome' in result;
}

function outcomeOf(result: unknown): string {
  return isOutcome(result) ? result.outcome : 'accepted';
}

/** A refusal for now is an answer of a provider that lives; so is every other clear word. */
function isFailure(outcome: SendOutcome): boolean {
  return outcome.outcome === 'unknown' || (outcome.outcome === 'retry' && !isThrottled(outcome));
}

function isThrottled(said: { readonly code: string; readonly retryAfterMs?: number | null }): boolean {
  return (said.retryAfterMs ?? null) !== null || said.code.endsWith('429');
}
