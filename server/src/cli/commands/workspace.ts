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
    if (yes === undefined)
      throw commandError('not_confirmed', 'Say the name of the workspace with --yes to erase it.');
    const [{ contextOf }, privacy] = await Promise.all([
      import('../workspaces.ts'),
      import('../../modules/privacy/privacy.ts'),
    ]);
    const ctx = await contextOf(await host.app(), workspace);
    const { set } = await privacy.setWorkspaceErasure(ctx, yes, ...(now ? [null] : []));
    const { workspaceId } = ctx;
    if (!now) return { workspaceId, beginsAt: set?.beginsAt ?? null, rows: 0, files: 0 };
    const work = ctx.use(privacy.workspaceErasureWork);
    const obstacle = await work.begin(workspaceId);
    if (obstacle) throw privacy.refusal(obstacle, []);
    progress('Its keys are destroyed: nobody can read what it held. Deleting rows and files …');
    await work.goOn(workspaceId, host.signal);
    return { workspaceId, beginsAt: null, ...(await work.figures(workspaceId)) };
  },
  print: ({ workspaceId, beginsAt, rows, files }) =>
    beginsAt
      ? `Workspace ${workspaceId} is going to be erased on ${beginsAt}. Its owners are told, and can cancel it until then.`
      : `Workspace ${workspaceId} is erased: ${rows} rows and ${files} files are gone.\nBackups from before hold its keys, wrapped by PARLEY_SECRET: see docs/guides/privacy.md.`,
});
