import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { addressPlace, contentPlace } from './documents.ts';
import { knowledgeChanged, trainingDataChanged } from './events.ts';
import { fileKeyPlace, forgetStoredFile } from './file-store.ts';
import { forgetFile, readTrainingData, refetchDue } from './jobs.ts';
import { queueDueReadings } from './refetch.ts';
import { originPlace } from './view.ts';

const byId = (table: string, column: string, place: (id: string) => string) => ({
  table,
  column,
  key: ['id'],
  place: (row: Readonly<Record<string, string>>) => place(row.id ?? ''),
});

export const knowledgeModule: Module = {
  name: 'knowledge',
  routes: async (server) => {
    (await import('./routes.ts')).registerKnowledgeRoutes(server);
    await (await import('./training-data-routes.ts')).registerTrainingDataRoutes(server);
  },
  events: [knowledgeChanged, trainingDataChanged],
  jobs: [
    // Loaded with the first document that is read: most processes never read one.
    work(readTrainingData, async (ctx, input, run) => (await import('./read-job.ts')).read(ctx, input, run)),
    work(forgetFile, forgetStoredFile),
    work(refetchDue, queueDueReadings),
  ],
  schedules: [{ job: refetchDue, cron: '* * * * *', input: {} }],
  sealed: [
    byId('training_data', 'origin', originPlace),
    byId('training_data', 'file_key', fileKeyPlace),
    byId('training_documents', 'address', addressPlace),
    byId('training_documents', 'content', contentPlace),
  ],
};
