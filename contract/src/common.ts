// Shapes that every feature shares on the wire.
import { z } from 'zod';

export const id = z.uuid();
/** ISO 8601, UTC. */
export const timestamp = z.iso.datetime();

/**
 * What somebody called something. Without characters that a terminal or a page obeys: controls, and those that turn the
 * direction of what stands around them.
 */
export const displayName = (lengthMax: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    .refine((name) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(name), {
      error: 'has control characters, or ones that turn the direction of text',
    });

/** A name of the IANA time zone database, also one of before: browsers still say `Asia/Calcutta`. No offset. */
export const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][\w+/-]*$/)
  .refine(
    (name) => {
      try {
        return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
      } catch {
        return false;
      }
    },
    { error: 'is no time zone' },
  );

/** Who did something. */
export const actor = z.object({
  kind: z.enum(['member', 'api_key', 'assistant', 'contact', 'system']),
  id: z.string().nullable(),
});

/** The one shape of every error. */
export const errorEnvelope = z.object({
  error: z.object({
    /** Stable; safe to branch on. */
    code: z.string(),
    /** A sentence for a person. */
    message: z.string(),
    details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    timestamp,
    requestId: z.string(),
  }),
});
export type ErrorEnvelope = z.infer<typeof errorEnvelope>;

/** Query of every list: how many, and what to come after. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(500).optional(),
});

/** A list's page. `nextCursor` is null on the last one. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Of work that a job does, that takes its time and can be cancelled. */
export const workState = z.enum(['running', 'done', 'canceled', 'failed']);

/** What the app speaks, and the assistant with it. */
export const spokenLanguage = z.enum(['en', 'es', 'pt']);
export type SpokenLanguage = z.infer<typeof spokenLanguage>;

/** What somebody else was understood to speak. */
export const language = z.enum([...spokenLanguage.options, 'unknown']);
export type Language = z.infer<typeof language>;
