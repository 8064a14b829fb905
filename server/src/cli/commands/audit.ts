// Whether the audit is as it was written: computes its chains again.
import { z } from 'zod';
import { defineCommand, table } from '../command.ts';

const reasons = {
  missing: 'it is missing',
  added: 'it was added',
  changed: 'it was changed',
  unlinked: 'it does not follow the one before',
  checkpoint: 'what went by rule is not what was sealed then',
  end: 'the chain does not end where it should',
} as const;

export const auditVerifyCommand = defineCommand({
  name: 'audit verify',
  description: 'Compute the chains of the audit again, and say where one is broken',
  place: 'anywhere',
  input: z.object({
    workspace: z.string().optional().describe('the workspace, by id or name; all of them otherwise'),
  }),
  run: async (host, { workspace }, progress) => {
    const [{ contextOf }, tenancy] = await Promise.all([
      import('../workspaces.ts'),
      import('../../modules/tenancy/tenancy.ts'),
    ]);
    const app = await host.app();
    const system = app.kernel.systemContext();
    const wanted = workspace ? (await contextOf(app, workspace)).workspaceId : null;
    const workspaces = (await tenancy.listWorkspaces(system)).filter(({ id }) => !wanted || id === wanted);
    const items = [];
    for (const { id, name } of workspaces) {
      host.signal.throwIfAborted();
      const report = await tenancy.verifyChain(system, id);
      if (report.broken) progress(`${name}: entry ${report.broken.number} is the first that is not right.`);
      items.push({ name, ...report });
    }
    return { items };
  },
  print: ({ items }) =>
    items.length === 0
      ? 'There is no workspace yet.'
      : table(
          ['workspace', 'from entry', 'entries that hold', 'last hash that holds', ''],
          items.map(({ name, from, entries, hash, broken }) => [
            name,
            String(from),
            String(entries),
            hash,
            broken ? `BROKEN at ${broken.number}: ${reasons[broken.why]}` : 'holds',
          ]),
        ),
  failed: ({ items }) => items.some(({ broken }) => broken !== null),
});
