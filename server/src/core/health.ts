// What `/health` reports: each part that Parley leans on, whether it answers, and how long that took.
import type { SystemContext } from './context.ts';

export type HealthStatus = 'ok' | 'degraded' | 'down' | 'off';

export interface HealthResult {
  readonly status: HealthStatus;
  /** Plain words, without secrets or content. */
  readonly detail?: string;
}

export interface HealthProbe {
  readonly name: string;
  /** Whether the process is not ready to serve while this is down. */
  readonly required: boolean;
  check(ctx: SystemContext): Promise<HealthResult>;
}

export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly checks: Record<string, HealthResult & { readonly durationMs: number }>;
}

const probeTimeoutMs = 2500;

export async function checkHealth(probes: readonly HealthProbe[], ctx: SystemContext): Promise<HealthReport> {
  const entries = await Promise.all(
    probes.map(async (probe) => {
      const started = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<HealthResult>((resolve) => {
        timer = setTimeout(
          () => resolve({ status: 'down', detail: 'did not answer in time' }),
          probeTimeoutMs,
        );
      });
      const result = await Promise.race([
        (async () => probe.check(ctx))().catch(
          (): HealthResult => ({ status: 'down', detail: 'cannot be reached' }),
        ),
        timeout,
      ]);
      clearTimeout(timer);
      return [
        probe.name,
        { ...result, durationMs: Math.round((performance.now() - started) * 10) / 10 },
        probe.required,
      ] as const;
    }),
  );
  const down = entries.some(([, result, required]) => required && result.status === 'down');
  const degraded = entries.some(([, result]) => result.status === 'down' || result.status === 'degraded');
  return {
    status: down ? 'down' : degraded ? 'degraded' : 'ok',
    checks: Object.fromEntries(entries.map(([name, result]) => [name, result])),
  };
}
