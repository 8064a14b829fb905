// What the assistant may know: pasted texts for now.
import { z } from 'zod';
import { id, page, timestamp } from './common.ts';

export const knowledgeTextInput = z.object({
  title: z.string().trim().min(1).max(200),
  /** Paragraphs; questions with their answers below them are found best. */
  content: z.string().trim().min(1).max(200_000),
});
export type KnowledgeTextInput = z.infer<typeof knowledgeTextInput>;

export const knowledgeTextSummary = z.object({
  id,
  title: z.string(),
  /** Grows by one with each change. */
  version: z.number().int(),
  characters: z.number().int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type KnowledgeTextSummary = z.infer<typeof knowledgeTextSummary>;

export const knowledgeText = knowledgeTextSummary.extend({ content: z.string() });
export type KnowledgeText = z.infer<typeof knowledgeText>;

export const knowledgeTextPage = page(knowledgeTextSummary);
