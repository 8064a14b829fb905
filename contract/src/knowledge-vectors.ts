// How far the vectors are by which knowledge is searched besides its words.
import { z } from 'zod';

export const knowledgeVectors = z.object({
  /**
   * `off`: no model is chosen for them. `making`: some are still to be made, and words alone find those passages meanwhile.
   * `stopped`: a problem stands in the way.
   */
  state: z.enum(['off', 'making', 'stopped', 'ready']),
  /** The name of the model that makes them; null: none is chosen. */
  model: z.string().nullable(),
  /** Passages of all that was read. */
  passages: z.number().int(),
  /** Of them, those that have a vector. */
  embedded: z.number().int(),
  /** Of them, those that get none: they are private and the model is not local, or it refuses them. */
  withheld: z.number().int(),
  /** Why it does not go on: see `reason` in runs; `too_many`: they do not fit into memory, and words alone are searched. */
  problem: z.string().nullable(),
});
export type KnowledgeVectors = z.infer<typeof knowledgeVectors>;
