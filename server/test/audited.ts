// What tests of the audit append to it, and how they read it.
import type { AuditEntry, AuditPage } from '@parley/contract/audit';
import { z } from 'zod';
import { defineEvent } from '../src/core/events.ts';
import { newId } from '../src/core/identifiers.ts';
import { verifyChain } from '../src/modules/tenancy/tenancy.ts';
import type { TestApp, TestWorkspace } from './harness.ts';

export const acted = defineEvent({
  type: 'test.acted',
  doc: 'Something was done.',
  permission: 'events:read',
  payload: z.object({ thingId: z.string(), figure: z.number().optional(), names: z.array(z.string()) }),
  audit: { target: 'thing', id: 'thingId' },
});
/** An app that has it knows what `act` does. */
export const actedModule = { name: 'test', events: [acted] };

/** In one transaction. */
export const act = (workspace: TestWorkspace, count = 1): Promise<void> =>
  workspace.ctx.transaction(async (tx) => {
    for (let number = 0; number < count; number += 1)
      tx.append(acted, { thingId: newId(), figure: number / 3, names: ['one', 'two'] });
  });

export const verifyAudit = (test: TestApp, workspace: TestWorkspace) =>
  verifyChain(test.kernel.systemContext(), workspace.id);

/** As the owner reads them, the newest first. @param query begins with `&` */
export const auditEntries = async (workspace: TestWorkspace, query = ''): Promise<AuditEntry[]> =>
  (await workspace.as('owner').get<AuditPage>(`/api/v1/audit?limit=200${query}`)).body.items;

/** As they rest, the oldest first: nobody reads them, which would be an entry too. */
export const auditedActions = async (workspace: TestWorkspace): Promise<string[]> =>
  (
    await workspace.ctx.transaction((tx) =>
      tx.sql<{ action: string }>('select action from audit_entries where workspace_id = $1 order by number', [
        workspace.id,
      ]),
    )
  ).map(({ action }) => action);
