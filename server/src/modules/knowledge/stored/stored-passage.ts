// One passage as it rests, sealed by itself.
import { z } from 'zod';

export const passagePlace = (workspaceId: string, number: number | string) =>
  `knowledge_passages.content:${workspaceId}:${number}`;

export const storedPassage = z.object({
  id: z.string(),
  heading: z.string().nullable(),
  text: z.string(),
  page: z.number().int().nullable(),
});
