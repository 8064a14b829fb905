// Where a question goes, and why.
import { z } from 'zod';
import { id, language, page, timestamp } from './common.ts';
import { capability } from './models.ts';
import { modelReason } from './runs.ts';

/** Private content may reach only what runs on the operator's own machines. */
export const sensitivity = z.enum(['normal', 'private']);
export type Sensitivity = z.infer<typeof sensitivity>;

/** `live`: somebody watches the answer being written; `message`: an answer to a message; `batch`: nobody waits. */
export const latencyClass = z.enum(['live', 'message', 'batch']);
export type LatencyClass = z.infer<typeof latencyClass>;

/** What is recognised in a text; health words in English, Spanish and Portuguese. */
export const detector = z.enum(['card', 'iban', 'national_id', 'email', 'phone', 'health']);
export type Detector = z.infer<typeof detector>;

const order = z.array(id).max(50);

/**
 * Work that may be routed in a way of its own. `run`: answers to contacts, and with them the checks, trials and shadow runs
 * that stand for them. `chat`: chats of members. `api`: programs at `/v1`.
 */
export const routedWork = z.enum(['run', 'chat', 'api']);
export type RoutedWork = z.infer<typeof routedWork>;

/** What is otherwise for one kind of work; the rest is as the workspace has it. */
export const routingOverride = z.object({
  /**
   * Models that are asked first, whatever the latency class; the assistant's own first choice follows them, and a model that
   * is asked for by name stays before them. Null: as the workspace has it.
   */
  order: order.nullable().default(null),
  /** Everything is private here; what the workspace finds private stays so. */
  alwaysPrivate: z.boolean().default(false),
  /** Null: as the workspace has it. Programs have no last resort. */
  lastResort: z.enum(['built_in', 'person']).nullable().default(null),
});
export type RoutingOverride = z.infer<typeof routingOverride>;

export const routingSettings = z.object({
  /** Everything is private. */
  alwaysPrivate: z.boolean().default(false),
  /** What makes a text private when it is found there. */
  detectors: z.array(detector).default(['card', 'iban', 'national_id', 'health']),
  /** Words that make a text private, as whole words, in any case and with or without accents. */
  privateWords: z.array(z.string().trim().min(2).max(100)).max(200).default([]),
  /**
   * Both are looked for in the passages that an answer is given, too. Left out, they are not: knowledge is what the workspace
   * gave its assistant to say, to anybody who asks.
   */
  detectsInKnowledge: z.boolean().default(false),
  /** For each latency class, the models that are asked first, in this order; the others follow. */
  order: z
    .object({ live: order.default([]), message: order.default([]), batch: order.default([]) })
    .default({ live: [], message: [], batch: [] }),
  /** Who answers when no model did: the built-in one, or a person at once. */
  lastResort: z.enum(['built_in', 'person']).default('built_in'),
  overrides: z.partialRecord(routedWork, routingOverride).default({}),
  /** What makes the vectors by which knowledge is searched besides its words; null: words alone. */
  embeddingModelId: id.nullable().default(null),
});
export type RoutingSettings = z.infer<typeof routingSettings>;

export const dryRunInput = z.object({
  text: z.string().max(20_000),
  language: language.default('unknown'),
  latencyClass: latencyClass.default('message'),
  /** What it is for: that work may be routed in a way of its own, under caps of its own. */
  work: routedWork.default('run'),
  needs: z.array(capability).max(5).default([]),
  /** Of the conversation, say; what is found in the text comes on top. */
  sensitivity: sensitivity.default('normal'),
  /** The model that is preferred, as the assistant prefers one; null: the built-in one. */
  modelId: id.nullable().default(null),
  /** Whether another model is asked although none is preferred, as for `auto` at `/v1/chat/completions`. */
  automatic: z.boolean().default(false),
});
export type DryRunInput = z.infer<typeof dryRunInput>;

const planned = modelReason.omit({ decision: true, durationMs: true });

export const dryRun = z.object({
  sensitivity,
  /** What made it private: `conversation`, `workspace`, `word`, or detectors. */
  because: z.array(z.string()),
  /** Who would be asked, in this order, and why at that place; a model of null is the built-in one. */
  candidates: z.array(planned),
  /** Who would not, and why. */
  skipped: z.array(planned),
  /** A person, where no model answers. */
  lastResort: z.enum(['built_in', 'person']),
});
export type DryRun = z.infer<typeof dryRun>;

/** Private content that no local model answered: it went nowhere, and a person was called. */
export const routingReceipt = z.object({
  id,
  purpose: z.string(),
  conversationId: id.nullable(),
  because: z.array(z.string()),
  /** The models that were not asked, or failed, and why. */
  reasons: z.array(modelReason),
  createdAt: timestamp,
});
export type RoutingReceipt = z.infer<typeof routingReceipt>;
export const routingReceiptPage = page(routingReceipt);
