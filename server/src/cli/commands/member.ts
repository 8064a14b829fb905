// Members, made by whoever may read the data folder: the way in when nobody can sign in, or a password was forgotten.
import { createMember, role } from '@parley/contract/tenancy';
import { z } from 'zod';
import { commandError, defineCommand } from '../command.ts';

const email = createMember.shape.email.describe('the e-mail address to sign in with');

export const memberAddCommand = defineCommand({
  name: 'member add',
  description: 'Make somebody a member; a first password is shown this once',
  place: 'anywhere',
  input: z.object({
    email,
    name: createMember.shape.name
      .optional()
      .describe('their name; needed for one who is new here, and one who is known keeps theirs'),
    role: role.default('agent').describe('what they may do: owner, admin, agent or viewer'),
    'new-password': z
      .boolean()
      .default(false)
      .describe('give one who is known another password; needed where they never confirmed their address'),
    workspace: z
      .string()
      .optional()
      .describe('the workspace, by id or name; not needed when there is only one'),
  }),
  run: async (host, input) => {
    // What the command does is loaded when it runs.
    const [{ contextOf }, tenancy] = await Promise.all([
      import('../workspaces.ts'),
      import('../../modules/tenancy/tenancy.ts'),
    ]);
    const ctx = await contextOf(await host.app(), input.workspace);
    return tenancy.createMember(ctx, { ...input, newPassword: input['new-password'] });
  },
  print: ({ name, email: address, role: made, password }) =>
    `${name} (${address}) is a member now, as ${made}.\n${
      password
        ? `First password: ${password}   (shown this once)`
        : 'They sign in with the password they have.'
    }`,
});

export const memberPasswordCommand = defineCommand({
  name: 'member password',
  description: 'Give a user another password, shown this once; their sessions end',
  place: 'anywhere',
  positional: 'email',
  input: z.object({ email }),
  run: async (host, input) => {
    const { securityWatch, signInPort } = await import('../../modules/tenancy/tenancy.ts');
    const { commandOrigin } = await import('../../core/audit.ts');
    const { kernel } = await host.app();
    const password = await kernel.use(signInPort).resetPassword(input.email);
    if (!password) throw commandError('no_user', `Nobody signs in with ${input.email}.`);
    await kernel.use(securityWatch).passwordReset(input.email, commandOrigin);
    return { email: input.email, password };
  },
  print: ({ email: address, password }) =>
    `The password of ${address} is now ${password}   (shown this once)`,
});

export const memberResetSecondFactorCommand = defineCommand({
  name: 'member reset-second-factor',
  description:
    'Take away all second factors of a user who lost them; their sessions end, and they are told by mail',
  place: 'anywhere',
  positional: 'email',
  input: z.object({ email }),
  run: async (host, input) => {
    const { resetByOperator } = await import('../../modules/tenancy/tenancy.ts');
    const { commandOrigin } = await import('../../core/audit.ts');
    const { kernel } = await host.app();
    const isKnown = await resetByOperator(kernel, input.email, commandOrigin);
    if (!isKnown) throw commandError('no_user', `Nobody signs in with ${input.email}.`);
    return { email: input.email };
  },
  print: ({ email: address }) =>
    `${address} signs in with the password alone now, and can set up a second factor again in the settings.`,
});
