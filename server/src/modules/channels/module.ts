import type { Module } from '../../core/module.ts';
import { clearWebhooksHandler } from './channel-settings.ts';
import { channelChanged, channelCreated, channelDeleted } from './channel-status.ts';
import { credentialsPlace } from './connections.ts';
import { payloadPlace, sweepJournal, sweepJournalHandler } from './deliveries.ts';
import { buyHandler, ghostNumberChanged, releaseHandler } from './numbers.ts';
import { providerProbe } from './reachability.ts';
import { webhookRefused } from './refusals.ts';
import { channelRuntime } from './runtime.ts';
import { stored } from './stored.ts';

export const channelsModule: Module = {
  name: 'channels',
  webhooks: async (server, kernel) => (await import('./webhooks.ts')).registerWebhooks(server, kernel),
  routes: async (server) => {
    (await import('./routes.ts')).registerChannelRoutes(server);
    (await import('./number-routes.ts')).registerNumberRoutes(server);
  },
  events: [channelCreated, channelChanged, channelDeleted, webhookRefused, ghostNumberChanged],
  jobs: [sweepJournalHandler, clearWebhooksHandler, buyHandler, releaseHandler],
  schedules: [{ job: sweepJournal, cron: '* * * * *', input: {} }],
  stored,
  sealed: [
    {
      table: 'channels',
      column: 'credentials',
      key: ['id'],
      place: (row) => credentialsPlace(row.id as string),
    },
    { table: 'deliveries', column: 'payload', key: ['id'], place: (row) => payloadPlace(row.id as string) },
  ],
  health: [providerProbe((ctx) => ctx.use(channelRuntime).reachability)],
};
