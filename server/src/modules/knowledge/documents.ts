// How what was read rests: sealed, as text or as the parts that its reader made, one row for each document.
import type { Language } from '@parley/contract/common';
import { z } from 'zod';
import type { Vault } from '../../core/crypto.ts';
import { loadLanguageDetector } from '../understanding/understanding.ts';
import { cutIntoPassages, type DocumentPart } from './passages.ts';
import type { trainingDocuments } from './tables.ts';

/** Of the table's name before 0010: values that were sealed then are bound to it. */
export const contentPlace = (documentId: string) => `knowledge_texts.content:${documentId}`;
export const addressPlace = (documentId: string) => `training_documents.address:${documentId}`;

const partsSchema: z.ZodType<DocumentPart[]> = z.array(
  z.union([
    z.object({ page: z.number().int().optional(), text: z.string() }),
    z.object({ page: z.number().int().optional(), question: z.string(), answer: z.string() }),
  ]) as z.ZodType<DocumentPart>,
);

export type DocumentRow = typeof trainingDocuments.$inferSelect;
export type Content = string | readonly DocumentPart[];

/** @throws CryptoError */
export function openContent(
  vault: Pick<Vault, 'openText'>,
  row: { readonly id: string; readonly format: 'text' | 'parts'; readonly content: Uint8Array | null },
): Content {
  if (!row.content) return '';
  const text = vault.openText(row.content, contentPlace(row.id));
  return row.format === 'text' ? text : partsSchema.parse(JSON.parse(text));
}

/** What a row keeps of a content. */
export interface MeasuredContent {
  readonly format: 'text' | 'parts';
  readonly plain: string;
  readonly characters: number;
  readonly passages: number;
  readonly language: Language;
}

const languageSampleLength = 4000;

export async function measureContent(content: Content): Promise<MeasuredContent> {
  const detect = await loadLanguageDetector();
  const passages = cutIntoPassages(content, () => 'unknown');
  let sample = '';
  for (const { heading, text } of passages) {
    sample += `${heading ?? ''}\n${text}\n`;
    if (sample.length > languageSampleLength) break;
  }
  const texts = typeof content === 'string' ? [content] : content.map(textOf);
  return {
    format: typeof content === 'string' ? 'text' : 'parts',
    plain: typeof content === 'string' ? content : JSON.stringify(content),
    characters: texts.reduce((sum, text) => sum + text.length, 0),
    passages: passages.length,
    language: detect(sample).language,
  };
}

function textOf(part: DocumentPart): string {
  return 'text' in part ? part.text : part.question + part.answer;
}
