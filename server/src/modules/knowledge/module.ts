import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { addressPlace, contentPlace } from './documents.ts';
import { knowledgeChanged, trainingDataChanged, vectorsChanged } from './events.ts';
import { fileKeyPlace, forgetStoredFile } from './file-store.ts';
import {
  embedKnowledge,
  forgetFile,
  indexKnowledge,
  readTrainingData,
  refetchDue,
  sweepKnowledge,
} from './jobs.ts';
import { queueDueReadings } from './refetch.ts';
import { indexKeyPlace } from './stored/head.ts';
import { passagePlace } from './stored/stored-passage.ts';
import { stored } from './stored.ts';
import { vectorsPlace } from './vectors/stored-vectors.ts';
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
  events: [knowledgeChanged, trainingDataChanged, vectorsChanged],
  jobs: [
    // Loaded with the first document that is read: most processes never read one.
    work(readTrainingData, async (ctx, input, run) => (await import('./read-job.ts')).read(ctx, input, run)),
    work(forgetFile, forgetStoredFile),
    work(refetchDue, queueDueReadings),
    // Loaded with the first knowledge that changes.
    work(indexKnowledge, async (ctx, input, run) => (await import('./stored/job.ts')).index(ctx, input, run)),
    work(sweepKnowledge, async (ctx, input, run) => (await import('./stored/job.ts')).sweep(ctx, input, run)),
    // Loaded with the first workspace that has a model for it.
    work(embedKnowledge, async (ctx, input, run) =>
      (await import('./vectors/job.ts')).embed(ctx, input, run),
    ),
  ],
  schedules: [{ job: refetchDue, cron: '* * * * *', input: {} }],
  stored,
  sealed: [
    byId('training_data', 'origin', originPlace),
    byId('training_data', 'file_key', fileKeyPlace),
    byId('training_documents', 'address', addressPlace),
    byId('training_documents', 'content', contentPlace),
    {
      table: 'knowledge_indexes',
      column: 'key',
      key: ['workspace_id'],
      place: (row) => indexKeyPlace(row.workspace_id ?? ''),
    },
    {
      table: 'knowledge_passages',
      column: 'content',
      key: ['workspace_id', 'number'],
      place: (row) => passagePlace(row.workspace_id ?? '', row.number ?? ''),
    },
    {
      table: 'knowledge_vectors',
      column: 'vectors',
      key: ['document_id', 'version', 'model', 'first'],
      place: (row) =>
        vectorsPlace({
          documentId: row.document_id ?? '',
          version: row.version ?? '',
          model: row.model ?? '',
          first: row.first ?? '',
        }),
    },
  ],
};
