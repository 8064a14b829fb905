import type { Module } from '../../core/module.ts';
import { knowledgeChanged } from './knowledge.ts';

export const knowledgeModule: Module = {
  name: 'knowledge',
  routes: async (server) => (await import('./routes.ts')).registerKnowledgeRoutes(server),
  events: [knowledgeChanged],
  sealed: [
    {
      table: 'knowledge_texts',
      column: 'content',
      key: ['id'],
      place: (row) => `knowledge_texts.content:${row.id}`,
    },
  ],
};
