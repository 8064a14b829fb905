// The two jobs of the recovery benchmark.
import { defineJob } from '@parley/server/core/queue';
import { z } from 'zod';

const input = z.object({ sample: z.number() });

export const databaseJob = defineJob({
  name: 'bench.database',
  doc: 'Only writes to the database.',
  input,
  effect: 'database',
});
export const externalJob = defineJob({
  name: 'bench.external',
  doc: 'Calls outside.',
  input,
  effect: 'external',
});
