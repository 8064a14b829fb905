// A status callback, as the carrier would send it.
import { z } from 'zod';
import type { Kernel } from '../../core/kernel.ts';
import { commandError, defineCommand } from '../command.ts';

export const simulateStatusCommand = defineCommand({
  name: 'simulate status',
  description: 'Let the simulated carrier change the status of a message, and call back',
  place: 'server',
  input: z
    .object({
      message: z.uuid().optional().describe('the message, by its id in Parley'),
      sid: z
        .string()
        .regex(/^(SM|MM)[0-9a-fA-F]{32}$/)
        .optional()
        .describe('the message, by the id that the carrier gave it'),
      status: z.string().min(1).describe('sent, delivered, undelivered, failed, read, or any word'),
      error: z.coerce.number().int().optional().describe('the error code that comes with it, e.g. 30003'),
    })
    .refine(({ message, sid }) => (message === undefined) !== (sid === undefined), 'give --message or --sid'),
  run: async (host, input) => {
    const simulation = host.simulation;
    if (!simulation) throw commandError('no_simulator', 'This server has no simulated carrier.');
    const { kernel } = await host.app();
    const sid = input.sid ?? (await providerIdOf(kernel, input.message ?? ''));
    const answer = await simulation.simulator.status({
      sid,
      status: input.status,
      ...(input.error === undefined ? {} : { errorCode: input.error }),
    });
    return { sid, status: input.status, answer: answer?.status ?? null };
  },
  print: ({ sid, status, answer }) =>
    answer === null
      ? `${sid} is ${status} now; no callback was asked for, or nothing answered.`
      : `${sid} is ${status} now; the callback was answered with ${answer}.`,
  failed: ({ answer }) => answer !== 200,
});

async function providerIdOf(kernel: Kernel, messageId: string): Promise<string> {
  const [row] = await kernel.database.asSystem((queries) =>
    queries.sql<{ provider_message_id: string | null }>(
      'select provider_message_id from messages where id = $1',
      [messageId],
    ),
  );
  if (row?.provider_message_id) return row.provider_message_id;
  throw commandError(
    'no_provider_message',
    row
      ? 'The carrier does not have this message: it was not sent yet.'
      : `There is no message ${messageId}.`,
  );
}
