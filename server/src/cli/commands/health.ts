// How the running server feels, as its health page says.
import { type HealthReport, healthReport } from '@parley/contract/health';
import { z } from 'zod';
import { commandError, defineCommand, table } from '../command.ts';

const timeoutMs = 10_000;

export const healthCommand = defineCommand({
  name: 'health',
  description: 'Ask the running server how it and what it leans on are doing',
  place: 'anywhere',
  input: z.object({
    url: z.url().optional().describe('the address of the server; this machine, at PORT, when absent'),
  }),
  run: async (host, input): Promise<HealthReport> => {
    const url = (input.url ?? `http://127.0.0.1:${host.config.PORT}`).replace(/\/$/, '');
    const answer = await fetch(`${url}/api/v1/health`, { signal: AbortSignal.timeout(timeoutMs) }).catch(
      (cause: unknown) => {
        throw commandError('no_server', `No server answers at ${url}. Start one with "npm start".`, cause);
      },
    );
    return healthReport.parse(await answer.json());
  },
  print: ({ status, checks }) =>
    `${status}\n\n${table(
      ['part', 'status', 'ms', ''],
      Object.entries(checks).map(([name, check]) => [
        name,
        check.status,
        check.durationMs.toFixed(1),
        check.detail ?? '',
      ]),
    )}`,
  failed: ({ status }) => status === 'down',
});
