// Erases a workspace, for the operator.
import { z } from 'zod';
import { commandError, defineCommand } from '../command.ts';

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
