import type { Module } from '../../core/module.ts';
import { registerAnalyticsRoutes } from './routes.ts';

export const analyticsModule: Module = { name: 'analytics', routes: registerAnalyticsRoutes };
