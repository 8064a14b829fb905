// The jobs by which a message is understood, apart from what runs them: each enqueues the other.
import { z } from 'zod';
import { defineJob } from '../../core/queue.ts';
import { saidIntent, saidSentiment } from './operator-models.ts';

const received = z.object({ messageId: z.uuid(), conversationId: z.uuid(), answerable: z.boolean() });

/** What the operator's models said; null where they were not asked, or did not say it in time. Labels are no content. */
const said = z.object({ intent: saidIntent.nullable(), sentiment: saidSentiment.nullable() });
export type SaidByOperatorModels = Readonly<z.infer<typeof said>>;

export const understandMessage = defineJob({
  name: 'understanding.understand',
  doc: 'Understands a received message, and remembers with the conversation what that says of it.',
  // Absent: the operator's models, if there are any, are asked first.
  input: received.extend({ said: said.optional() }),
  effect: 'database',
});

export const askOperatorModels = defineJob({
  name: 'understanding.ask_operator_models',
  doc: 'Asks the ONNX models that the operator has set what a received message wants and how it sounds.',
  input: received,
  effect: 'external',
  // They run side by side, so that several messages go through a model together.
  concurrency: 16,
});
