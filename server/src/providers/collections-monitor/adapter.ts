// Collections Monitor as a contact directory: whose telephone number is this? The HTTP contract is in setup.md.
import {
  BrokenCircuitError,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  fullJitterGenerator,
  handleWhen,
  retry,
  wrap,
} from 'cockatiel';
import { z } from 'zod';
import { type Egress, EgressError, type EgressResponse } from '../../core/egress.ts';
import { type ContactDirectory, DirectoryUnavailableError } from '../../modules/conversations/directory.ts';

export interface CollectionsMonitorOptions {
  readonly egress: Egress;
  /** `MONITOR_API_URL`. */
  readonly baseUrl: string;
  /** `MONITOR_API_TOKEN`. */
  readonly token: string | undefined;
}

const timeoutMs = 3000;
const bytesMax = 256 * 1024;
/** Tries after the first one. */
const retriesMax = 3;
const backoffMsMin = 100;
const backoffMsMax = 2000;
const failuresInRow = 8;
const pauseMs = 15_000;

const answerShape = z.object({
  tenants: z.array(
    z.object({
      id: z.union([z.string().min(1).max(200), z.number().int()]),
      name: z.string().max(500).nullish(),
    }),
  ),
});

const isPassing = (error: unknown) =>
  error instanceof DirectoryUnavailableError &&
  (/^http_(?:5\d\d|408|429)$/.test(error.code) || error.code === 'not_sent' || error.code === 'unanswered');

export function createCollectionsMonitor({
  egress,
  baseUrl,
  token,
}: CollectionsMonitorOptions): ContactDirectory {
  const root = baseUrl.replace(/\/$/, '');
  const policy = wrap(
    retry(handleWhen(isPassing), {
      maxAttempts: retriesMax,
      backoff: new ExponentialBackoff({
        initialDelay: backoffMsMin,
        maxDelay: backoffMsMax,
        generator: fullJitterGenerator,
      }),
    }),
    circuitBreaker(handleWhen(isPassing), {
      breaker: new ConsecutiveBreaker(failuresInRow),
      halfOpenAfter: pauseMs,
    }),
  );

  /** One HTTP call. @throws DirectoryUnavailableError for every answer that is none */
  async function get(path: string, signal: AbortSignal): Promise<EgressResponse> {
    let answer: EgressResponse;
    try {
      answer = await egress.request({
        url: `${root}${path}`,
        headers: { accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
        timeoutMs,
        bytesMax,
        signal,
      });
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      throw new DirectoryUnavailableError(error.failure, { cause: error });
    }
    if (answer.status === 200 || answer.status === 404) return answer;
    throw new DirectoryUnavailableError(`http_${answer.status}`);
  }

  async function ask(variant: string, signal: AbortSignal) {
    const answer = await get(`/tenants?${new URLSearchParams({ phone: variant })}`, signal);
    if (answer.status === 404) return [];
    const parsed = answerShape.safeParse(json(answer.body));
    if (!parsed.success) throw new DirectoryUnavailableError('nonsense');
    return parsed.data.tenants;
  }

  async function guarded<Result>(call: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    try {
      return await policy.execute(call, signal);
    } catch (error) {
      if (error instanceof BrokenCircuitError)
        throw new DirectoryUnavailableError('circuit_open', { cause: error });
      throw error;
    }
  }

  return {
    name: 'Collections Monitor',
    async find(variants, signal) {
      for (const variant of variants) {
        const tenants = await guarded(() => ask(variant, signal), signal);
        // Of two who share a number, neither is the one: a wrong link shows somebody else's affairs.
        const [tenant, another] = tenants;
        if (!tenant || another) continue;
        return {
          entryId: String(tenant.id),
          ...(tenant.name ? { displayName: tenant.name } : {}),
        };
      }
      return null;
    },
    async check(signal) {
      await get('/health', signal);
    },
  };
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
