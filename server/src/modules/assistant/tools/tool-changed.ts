// Tells that a tool is another one now.
import { z } from 'zod';
import { defineEvent } from '../../../core/events.ts';

export const toolChanged = defineEvent({
  type: 'tool.changed',
  doc: 'A tool of the assistant, or who may use it, was changed.',
  permission: 'assistant:read',
  payload: z.object({ name: z.string() }),
  audit: { target: 'tool', id: 'name' },
});
