// Workspaces, made, listed and erased by whoever may read the data folder: the way to a second one where sign-up is closed.
import { createWorkspace } from '@parley/contract/invitations';
import { createMember } from '@parley/contract/tenancy';
import { z } from 'zod';
import { commandError, defineCommand, table } from '../command.ts';

const { name, defaultCountry, timeZone } = createWorkspace.shape;

export const workspaceCreateCommand = defineCommand({
  name: 'workspace create',
  description:
    'Make a workspace with its owner; the first password of an owner who is new is shown this once',
  place: 'anywhere',
  input: z.object({
    name: name.describe('what it is called'),
    owner: createMember.shape.email.describe('the e-mail address of its owner'),
    'owner-name': createMember.shape.name
      .optional()
      .describe(
        'what the owner is called; needed for one who is new here, and one who is known keeps theirs',
      ),
    'new-password': z
      .boolean()
      .default(false)
      .describe(
        'give an owner who is known another password; needed where they never confirmed their address',
      ),
    country: defaultCountry
      .unwrap()
      .optional()
      .describe('the country in whose way numbers are written, such as PT; none when absent'),
    'time-zone': timeZone
      .unwrap()
      .optional()
      .describe('where its people are, such as Europe/Lisbon; as in the installation when absent'),
  }),
  run: async (host, input) => {
    const { makeByOperator } = await import('../../modules/tenancy/tenancy.ts');
    const { kernel } = await host.app();
    return makeByOperator(kernel, {
      name: input.name,
      defaultCountry: input.country ?? null,
      timeZone: input['time-zone'] ?? null,
      owner: { email: input.owner, name: input['owner-name'], newPassword: input['new-password'] },
    });
  },
  print: ({ id, name: made, owner }) =>
    `The workspace "${made}" is made: ${id}\n${owner.name} (${owner.email}) owns it.\n${
      owner.password
        ? `First password: ${owner.password}   (shown this once)`
        : 'They sign in with the password they have.'
    }`,
});

export const workspaceListCommand = defineCommand({
  name: 'workspace list',
  description: 'List the workspaces of this installation with their owners',
  place: 'anywhere',
  input: z.object({}),
  run: async (host) => {
    const { listByOperator } = await import('../../modules/tenancy/tenancy.ts');
    const { kernel } = await host.app();
    return { items: await listByOperator(kernel.systemContext()) };
  },
  print: ({ items }) =>
    items.length === 0
      ? 'There is no workspace.'
      : table(
          ['id', 'name', 'members', 'owners', 'since'],
          items.map(({ id, name: called, members, owners, createdAt }) => [
            id,
            called,
            String(members),
            owners.join(', '),
            createdAt.slice(0, 10),
          ]),
        ),
});

export const workspaceEraseCommand = defineCommand({
  name: 'workspace erase',
  description:
    'Erase a workspace with everything in it: destroy its keys, then delete its rows and files. In seven days, or at once',
  place: 'anywhere',
  input: z.object({
    workspace: z.string().describe('the workspace, by id or name'),
    now: z.boolean().default(false).describe('at once, and not in seven days'),
    yes: z.string().optional().describe('the name of the workspace; asked for when absent'),
  }),
  positional: 'workspace',
  asks: { key: 'yes', question: 'This cannot be undone. Type the name of the workspace to erase it: ' },
  run: async (host, { workspace, now, yes }, progress) => {
    const [{ contextOf }, privacy, { mailer }] = await Promise.all([
      import('../workspaces.ts'),
      import('../../modules/privacy/privacy.ts'),
      import('../../core/mail.ts'),
    ]);
    const app = await host.app();
    const { kernel } = app;
    const work = kernel.use(privacy.workspaceErasureWork);
    const begun = z.uuid().safeParse(workspace).success ? await work.figures(workspace) : null;
    if (begun?.state === 'done') throw commandError('already_erased', `Workspace ${workspace} is erased.`);
    const finish = async (workspaceId: string) => {
      progress(
        `Its keys are destroyed: nobody can read what it held. Deleting rows and files; where this is stopped, a server goes on with it, or "parley workspace erase ${workspaceId}".`,
      );
      await work.goOn(workspaceId, host.signal);
      const { rows = 0, files = 0 } = (await work.figures(workspaceId)) ?? {};
      return { workspaceId, beginsAt: null, isMailed: false, rows, files };
    };
    if (begun?.state === 'running') return finish(workspace);
    const ctx = await contextOf(app, workspace);
    if (yes === undefined)
      throw commandError('not_confirmed', 'Say the name of the workspace with --yes to erase it.');
    const { set } = await privacy.setWorkspaceErasure(ctx, yes, ...(now ? [null] : []));
    const { workspaceId } = ctx;
    if (!now) {
      const isMailed = kernel.use(mailer).way === 'sent';
      return { workspaceId, beginsAt: set?.beginsAt ?? null, isMailed, rows: 0, files: 0 };
    }
    const obstacle = await work.begin(workspaceId);
    if (obstacle) throw privacy.refusal(obstacle, []);
    return finish(workspaceId);
  },
  print: ({ workspaceId, beginsAt, isMailed, rows, files }) =>
    beginsAt
      ? `Workspace ${workspaceId} is going to be erased on ${beginsAt}. Until then its owners can cancel it. ${isMailed ? 'They are told by mail.' : 'No mail server is set (SMTP_URL): tell them.'}`
      : `Workspace ${workspaceId} is erased: ${rows} rows and ${files} files are gone.\nBackups from before hold its keys, wrapped by PARLEY_SECRET: see docs/guides/privacy.md.`,
});
