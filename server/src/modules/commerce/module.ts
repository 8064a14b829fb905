import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { interactionRecorded, productChanged, productsImported, recommenderChanged } from './events.ts';
import { modelPlace, rosterPlace } from './models.ts';
import { startDueTrainings, train, trainRecommendations, trainWhereDue } from './training.ts';

const ofRecommender = (column: string, place: (id: string) => string) => ({
  table: 'recommenders',
  column,
  key: ['id'],
  place: (row: Readonly<Record<string, string>>) => place(row.id ?? ''),
});

export const commerceModule: Module = {
  name: 'commerce',
  routes: async (server) => (await import('./routes.ts')).registerCommerceRoutes(server),
  events: [productChanged, productsImported, interactionRecorded, recommenderChanged],
  jobs: [work(trainRecommendations, train), work(trainWhereDue, startDueTrainings)],
  schedules: [{ job: trainWhereDue, cron: '*/10 * * * *', input: {} }],
  sealed: [ofRecommender('model', modelPlace), ofRecommender('roster', rosterPlace)],
};
