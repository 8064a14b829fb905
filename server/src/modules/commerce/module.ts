import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { startDueTrainings, trainWhereDue } from './due-trainings.ts';
import {
  interactionRecorded,
  productChanged,
  productsImported,
  recommendationModelChanged,
} from './events.ts';
import { modelPlace, rosterPlace } from './models.ts';
import { hashOutsideIds, hashPlainOutsideIds, outsideIdKeyPlace } from './outside-ids.ts';
import { stored } from './stored.ts';
import { train, trainRecommendations } from './training.ts';

const ofModel = (column: string, place: (id: string) => string) => ({
  table: 'recommendation_models',
  column,
  key: ['id'],
  place: (row: Readonly<Record<string, string>>) => place(row.id ?? ''),
});

export const commerceModule: Module = {
  name: 'commerce',
  routes: async (server) => (await import('./routes.ts')).registerCommerceRoutes(server),
  events: [productChanged, productsImported, interactionRecorded, recommendationModelChanged],
  jobs: [
    work(trainRecommendations, train),
    work(trainWhereDue, startDueTrainings),
    work(hashOutsideIds, hashPlainOutsideIds),
  ],
  schedules: [
    { job: trainWhereDue, cron: '*/10 * * * *', input: {} },
    { job: hashOutsideIds, cron: '*/5 * * * *', input: {} },
  ],
  stored,
  sealed: [
    ofModel('model', modelPlace),
    ofModel('roster', rosterPlace),
    {
      table: 'outside_id_keys',
      column: 'key',
      key: ['workspace_id'],
      place: (row) => outsideIdKeyPlace(row.workspace_id ?? ''),
    },
  ],
};
