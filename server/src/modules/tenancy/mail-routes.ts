// HTTP of the demo's mails, which nobody sends.
import { keptMailList } from '@parley/contract/tenancy';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Kernel } from '../../core/kernel.ts';
import { mailer } from '../../core/mail.ts';
import { listWorkspaces } from './tenancy.ts';

const shownMax = 50;

export function registerMailRoutes(server: FastifyInstance, kernel: Kernel): void {
  const system = kernel.systemContext();
  server.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/mails',
    {
      schema: {
        summary: 'Mails that were not sent',
        description:
          'Only in the demo’s workspace, and only where no mail server is set. The newest first, for a week.',
        tags: ['workspace'],
        response: { 200: keptMailList },
      },
      config: { permission: 'mails:read' },
    },
    async ({ ctx }) => {
      const mails = ctx.use(mailer);
      // They hold links that let their reader in: owners of workspaces that came later see none of them.
      const [first] = mails.way === 'kept' ? await listWorkspaces(system) : [];
      if (first?.id !== ctx.workspaceId) return { items: [] };
      const kept = await mails.listKept(shownMax);
      return { items: kept.map((mail) => ({ ...mail, createdAt: mail.createdAt.toISOString() })) };
    },
  );
}
