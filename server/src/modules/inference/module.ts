import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { budgetChanged, releaseReservations, settleOrphans } from './budget.ts';
import { modelChanged } from './models.ts';

export const inferenceModule: Module = {
  name: 'inference',
  routes: async (server) => (await import('./routes.ts')).registerInferenceRoutes(server),
  events: [modelChanged, budgetChanged],
  jobs: [work(releaseReservations, settleOrphans)],
  schedules: [{ job: releaseReservations, cron: '* * * * *', input: {} }],
  sealed: [{ table: 'models', column: 'api_key', key: ['id'], place: (row) => `models.api_key:${row.id}` }],
};
