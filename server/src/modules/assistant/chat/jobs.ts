// The jobs of chats.
import { z } from 'zod';
import { defineJob } from '../../../core/queue.ts';

export const answerInChat = defineJob({
  name: 'assistant.answer_in_chat',
  doc: 'Writes an answer in a chat, which its member sees grow.',
  input: z.object({ messageId: z.uuid() }),
  effect: 'external',
  retries: 3,
  retryDelaySeconds: 1,
  retryDelaySecondsMax: 5,
  concurrency: 20,
  timeoutSeconds: 540,
});

export const endLostAnswers = defineJob({
  name: 'assistant.end_lost_answers',
  doc: 'Ends answers in chats that nobody writes any more.',
  input: z.object({}),
  effect: 'system',
  retries: 2,
});

export const forgetChat = defineJob({
  name: 'assistant.forget_chat',
  doc: 'Forgets a chat that its member removed, with its files.',
  input: z.object({ chatId: z.uuid() }),
  effect: 'external',
  retries: 20,
});

export const readChatFile = defineJob({
  name: 'assistant.read_chat_file',
  doc: 'Reads a document that a member shows the assistant in a chat.',
  input: z.object({ fileId: z.uuid() }),
  effect: 'external',
  concurrency: 2,
  retries: 3,
  // A file may wait for others to be read before it.
  timeoutSeconds: 300,
});

export const sweepChatFiles = defineJob({
  name: 'assistant.sweep_chat_files',
  doc: 'Removes files that were uploaded for a chat a day ago and never sent.',
  input: z.object({}),
  effect: 'system',
});
