// What privacy tells the workspace's log: ids, kinds, figures.
import { retentionKind } from '@parley/contract/privacy';
import { z } from 'zod';
import { defineEvent } from '../../core/events.ts';

const permission = 'privacy:read';
const days = z.int().nullable();

export const legalHoldSet = defineEvent({
  type: 'legal_hold.set',
  doc: 'Something must not be deleted any more: what there is of a contact, or the whole workspace.',
  permission,
  payload: z.object({ holdId: z.uuid(), contactId: z.uuid().nullable() }),
  audit: { target: 'legal_hold', id: 'holdId' },
});
export const legalHoldEnded = defineEvent({
  type: 'legal_hold.ended',
  doc: 'A legal hold was ended.',
  permission,
  payload: z.object({ holdId: z.uuid(), contactId: z.uuid().nullable() }),
  audit: { target: 'legal_hold', id: 'holdId', alerts: () => true },
});
export const retentionChanged = defineEvent({
  type: 'retention.changed',
  doc: 'Something is kept for another time from now on.',
  permission,
  payload: z.object({ changes: z.array(z.object({ kind: retentionKind, days, previous: days })) }),
  audit: { target: 'workspace', id: null, alerts: () => true },
});
export const retentionRan = defineEvent({
  type: 'retention.ran',
  doc: 'What was older than the workspace’s rules was deleted, or could not be; the report says what.',
  permission,
  payload: z.object({
    runId: z.uuid(),
    state: z.enum(['done', 'failed']),
    rows: z.int(),
    files: z.int(),
  }),
  audit: { target: 'retention_run', id: 'runId', when: ({ rows, state }) => rows > 0 || state === 'failed' },
});
export const erasureBegun = defineEvent({
  type: 'erasure.begun',
  doc: 'A contact is being erased.',
  permission,
  payload: z.object({ erasureId: z.uuid(), contactId: z.uuid() }),
  audit: { target: 'contact', id: 'contactId', alerts: () => true },
});
export const contactErased = defineEvent({
  type: 'contact.erased',
  doc: 'A contact was erased, or could not be; `found` is how many rows the search afterwards found.',
  permission: 'conversations:read',
  payload: z.object({
    erasureId: z.uuid(),
    contactId: z.uuid(),
    state: z.enum(['done', 'failed']),
    found: z.int().nullable(),
  }),
  audit: { target: 'contact', id: 'contactId' },
});
export const workspaceErasureSet = defineEvent({
  type: 'workspace_erasure.set',
  doc: 'An owner set the workspace to be erased, with everything in it, from a moment on.',
  permission,
  payload: z.object({ beginsAt: z.iso.datetime() }),
  audit: { target: 'workspace', id: null, alerts: () => true },
});
export const workspaceErasureCanceled = defineEvent({
  type: 'workspace_erasure.canceled',
  doc: 'The workspace is not going to be erased after all.',
  permission,
  payload: z.object({}),
  audit: { target: 'workspace', id: null, alerts: () => true },
});
const ofExport = z.object({ exportId: z.uuid(), contactId: z.uuid().nullable() });
export const exportBegun = defineEvent({
  type: 'export.begun',
  doc: 'Somebody asked for an export of a contact, or of the whole workspace.',
  permission,
  payload: ofExport,
  audit: { target: 'export', id: 'exportId', alerts: ({ contactId }) => contactId === null },
});
export const exportFinished = defineEvent({
  type: 'export.finished',
  doc: 'An export is written, failed or was canceled.',
  permission,
  payload: ofExport.extend({ state: z.enum(['done', 'failed', 'canceled']) }),
  audit: { target: 'export', id: 'exportId' },
});
export const exportDownloaded = defineEvent({
  type: 'export.downloaded',
  doc: 'Somebody fetched the file of an export.',
  permission,
  payload: ofExport,
  audit: { target: 'export', id: 'exportId' },
});
export const workspaceSearched = defineEvent({
  type: 'workspace.searched',
  doc: 'The operator had everything in the workspace searched for a text, which is not said; `places` is in how many tables and folders it stands.',
  permission,
  payload: z.object({ places: z.int() }),
  audit: { target: 'workspace', id: null },
});
