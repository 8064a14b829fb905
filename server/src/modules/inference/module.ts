import type { SystemContext } from '../../core/context.ts';
import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { budgetReached, budgetWarned, releaseReservations, settleOrphans } from './budget.ts';
import { budgetChanged } from './caps.ts';
import { forgetFigures } from './figures.ts';
import { modelRecovered, modelRested } from './incidents.ts';
import { modelChanged } from './models.ts';
import { pricesChanged } from './price-list.ts';
import { routingChanged } from './routing-settings.ts';
import { stored } from './stored.ts';

async function tidy(ctx: SystemContext): Promise<void> {
  await settleOrphans(ctx);
  await forgetFigures(ctx);
}

export const inferenceModule: Module = {
  name: 'inference',
  routes: async (server, kernel) => {
    (await import('./routes.ts')).registerModelRoutes(server);
    (await import('./spending-routes.ts')).registerSpendingRoutes(server);
    await (await import('./completions-routes.ts')).registerCompletionRoutes(server, kernel);
  },
  events: [
    modelChanged,
    modelRested,
    modelRecovered,
    pricesChanged,
    routingChanged,
    budgetChanged,
    budgetWarned,
    budgetReached,
  ],
  jobs: [work(releaseReservations, tidy)],
  schedules: [{ job: releaseReservations, cron: '* * * * *', input: {} }],
  stored,
  sealed: [{ table: 'models', column: 'api_key', key: ['id'], place: (row) => `models.api_key:${row.id}` }],
};
