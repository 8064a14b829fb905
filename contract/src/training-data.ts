// What the assistant was given to know from: texts, files, pages, sitemaps, questions with their answers.
import { z } from 'zod';
import { id, language, page, pageQuery, timestamp } from './common.ts';
import { knowledgeTextInput } from './knowledge.ts';

export const trainingDataKind = z.enum(['text', 'file', 'page', 'sitemap', 'pair']);
export type TrainingDataKind = z.infer<typeof trainingDataKind>;

/**
 * - `queued`, `reading`: being read; what was known of it before is still answered from.
 * - `ready`: the assistant answers from it. With an `error`: from all but what that names.
 * - `failed`: nothing of it could be read.
 * - `stale`: it was read once, and reading it again failed; the assistant answers from what it was, unless it is gone.
 */
export const trainingDataState = z.enum(['queued', 'reading', 'ready', 'failed', 'stale']);
export type TrainingDataState = z.infer<typeof trainingDataState>;

/**
 * - `canceled`: a member ended its first reading
 * - of files: `unreadable`, `page_unreadable`, `locked` (a password), `no_text` (scanned pictures, say), `took_too_long`,
 *   `too_much_memory`, `too_much_text`, `file_lost`
 * - of pages: `not_fetched`, `page_gone`, `robots_forbid`, `address_forbidden`, `type_not_read`, `too_large`,
 *   `no_pages` (a sitemap that names none), `some_pages_failed`
 */
export const trainingDataError = z.object({
  code: z.string(),
  /** A sentence for a person. */
  message: z.string(),
  /** The first page that could not be read, where there are pages. */
  page: z.number().int().optional(),
});
export type TrainingDataError = z.infer<typeof trainingDataError>;

export const trainingDataProgress = z.object({
  done: z.number().int(),
  /** Null while nobody knows. */
  of: z.number().int().nullable(),
  unit: z.enum(['pages', 'rows']),
});
export type TrainingDataProgress = z.infer<typeof trainingDataProgress>;

export const trainingDataOrigin = z.object({
  url: z.string().optional(),
  fileName: z.string().optional(),
  contentType: z.string().optional(),
  bytes: z.number().int().optional(),
  /** Of a pair that was taken from a conversation. */
  conversationId: id.optional(),
});
export type TrainingDataOrigin = z.infer<typeof trainingDataOrigin>;

export const trainingData = z.object({
  id,
  kind: trainingDataKind,
  title: z.string(),
  origin: trainingDataOrigin,
  state: trainingDataState,
  /** False: held back. It is read like any other, and nothing is answered from it but in a shadow run that names it. */
  live: z.boolean(),
  /** Grows with each change of what can be found in it. */
  version: z.number().int(),
  progress: trainingDataProgress.nullable(),
  error: trainingDataError.nullable(),
  characters: z.number().int(),
  /** Null where they were never counted. */
  passages: z.number().int().nullable(),
  language: language.nullable(),
  /** Of a sitemap: the most pages that are read. */
  pagesMax: z.number().int().nullable(),
  /** Of a sitemap: how many levels of sitemaps below it are followed; 0 for none. */
  depth: z.number().int().nullable(),
  /** Of pages and sitemaps: how often they are looked at again; null for never. */
  refetchHours: z.number().int().nullable(),
  nextFetchAt: timestamp.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
  readAt: timestamp.nullable(),
});
export type TrainingData = z.infer<typeof trainingData>;

export const trainingDataPage = page(trainingData);

export const trainingDataQuery = pageQuery.extend({
  kind: trainingDataKind.optional(),
  state: trainingDataState.optional(),
});
export type TrainingDataQuery = z.infer<typeof trainingDataQuery>;

const title = z.string().trim().min(1).max(200);
const address = z.url({ protocol: /^https?$/ }).max(2000);
const refetchHours = z.number().int().min(1).max(720).nullable();
const pagesMax = z.number().int().min(1).max(500);
const depth = z.number().int().min(0).max(5);
const question = z.string().trim().min(1).max(1000);
const live = z.boolean();
const answer = z.string().trim().min(1).max(20_000);

/** What is added as JSON; files are uploaded. */
export const trainingDataInput = z.discriminatedUnion('kind', [
  knowledgeTextInput.extend({ kind: z.literal('text'), live: live.default(true) }),
  z.object({ kind: z.literal('pair'), question, answer, live: live.default(true) }),
  z.object({
    kind: z.literal('page'),
    url: address,
    title: title.optional(),
    refetchHours: refetchHours.default(null),
    live: live.default(true),
  }),
  z.object({
    kind: z.literal('sitemap'),
    /** Of the sitemap itself, or of a sitemap of sitemaps. */
    url: address,
    title: title.optional(),
    pagesMax: pagesMax.default(100),
    /** How many levels of sitemaps below it are followed: 1 for those that it names, 2 for those that they name. */
    depth: depth.default(2),
    refetchHours: refetchHours.default(null),
    live: live.default(true),
  }),
]);
export type TrainingDataInput = z.infer<typeof trainingDataInput>;

/** Of an upload. */
export const trainingFileQuery = z.object({
  /** `false`: it is held back. */
  live: z.stringbool().default(true),
});

/** What is given changes; what is left out stays. */
export const trainingDataChange = z.object({
  /** Null: what it calls itself. */
  title: title.nullable().optional(),
  /** Of a text. */
  content: knowledgeTextInput.shape.content.optional(),
  /** Of a pair. */
  question: question.optional(),
  answer: answer.optional(),
  /** Of pages and sitemaps. */
  refetchHours: refetchHours.optional(),
  /** Of a sitemap; they hold from the next reading on. */
  pagesMax: pagesMax.optional(),
  depth: depth.optional(),
  live: live.optional(),
});
export type TrainingDataChange = z.infer<typeof trainingDataChange>;

export const trainingPassage = z.object({
  id: z.string(),
  heading: z.string().nullable(),
  text: z.string(),
  language,
  page: z.number().int().nullable(),
});

export const trainingDocument = z.object({
  id,
  /** Of a page. */
  url: z.string().nullable(),
  /** `gone`: the site says that there is no such page any more; it is kept and not answered from. */
  state: z.enum(['queued', 'ready', 'failed', 'gone']),
  error: trainingDataError.nullable(),
  characters: z.number().int(),
  passages: z.number().int().nullable(),
  language: language.nullable(),
  fetchedAt: timestamp.nullable(),
});
export type TrainingDocument = z.infer<typeof trainingDocument>;

/** One with what it says. */
export const trainingDataDetail = trainingData.extend({
  /** Of a text: as it was pasted. */
  content: z.string().nullable(),
  /** Of a pair. */
  question: z.string().nullable(),
  answer: z.string().nullable(),
  documents: z.array(trainingDocument),
  /** The passages of all its documents, in their order; the first thousand. */
  passagesFound: z.array(trainingPassage.extend({ documentId: id })),
});
export type TrainingDataDetail = z.infer<typeof trainingDataDetail>;
