import type { Module } from '../../core/module.ts';
import { storiesBegun, storiesTold } from './stories.ts';

export const phoneModule: Module = {
  name: 'phone',
  routes: async (server, kernel) => (await import('./routes.ts')).registerPhoneRoutes(server, kernel),
  events: [storiesBegun, storiesTold],
};
