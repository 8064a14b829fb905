import type { Module } from '../../core/module.ts';
import { knowledgeChanged } from './knowledge.ts';
import { registerKnowledgeRoutes } from './routes.ts';

export const knowledgeModule: Module = {
  name: 'knowledge',
  routes: registerKnowledgeRoutes,
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
