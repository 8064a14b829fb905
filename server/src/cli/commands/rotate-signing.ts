// A new key for the access tokens of programs, before its month is over.
import { z } from 'zod';
import { defineCommand } from '../command.ts';

export const rotateSigningCommand = defineCommand({
  name: 'keys rotate-signing',
  description:
    'Make a new key that access tokens are signed with; it is published now and signs in ten minutes. It happens by itself every 30 days',
  place: 'anywhere',
  input: z.object({
    forget: z
      .boolean()
      .default(false)
      .describe('the others may have been read: what they signed is worth nothing from now on'),
  }),
  run: async (host, { forget }) => {
    const { signingKeys, tellSigningKeyRotated } = await import('../../modules/tenancy/tenancy.ts');
    const { kernel } = await host.app();
    const kid = await kernel.use(signingKeys).rotate({ forgetOthers: forget });
    await tellSigningKeyRotated(kernel, forget);
    return { kid, forgot: forget };
  },
  print: ({ kid, forgot }) =>
    forgot
      ? `The key ${kid} signs from now on, and the others are gone. Programs renew their tokens by themselves.`
      : `The key ${kid} is published, and signs in ten minutes.`,
});
