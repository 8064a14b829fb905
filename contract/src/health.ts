// What `/health` answers.
import { z } from 'zod';

export const healthReport = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  checks: z.record(
    z.string(),
    z.object({
      status: z.enum(['ok', 'degraded', 'down', 'off']),
      detail: z.string().optional(),
      durationMs: z.number(),
    }),
  ),
});
export type HealthReport = z.infer<typeof healthReport>;
