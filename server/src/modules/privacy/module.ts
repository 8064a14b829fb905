import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { runErasure } from './erasure-work.ts';
import { erase, goOnErasing, needlesPlace, resumeErasures } from './erasures.ts';
import {
  contactErased,
  erasureBegun,
  exportBegun,
  exportDownloaded,
  exportFinished,
  legalHoldEnded,
  legalHoldSet,
  retentionChanged,
  retentionRan,
  workspaceErasureCanceled,
  workspaceErasureSet,
  workspaceSearched,
} from './events.ts';
import {
  passphrasePlace,
  removeOldExports,
  runExport,
  runTellExportReady,
  tellExportReady,
  tidyExports,
  writeExport,
} from './exports.ts';
import { sealedOfHolds } from './holds.ts';
import { retain, retainDue, runRetention, startDueRetention } from './retention-runs.ts';
import { stored } from './stored.ts';
import { runTellOwners, tellOwners } from './workspace-erasure.ts';
import { eraseDueWorkspaces, eraseWorkspaces } from './workspace-erasure-work.ts';

export const privacyModule: Module = {
  name: 'privacy',
  routes: async (server) => (await import('./routes.ts')).registerPrivacyRoutes(server),
  events: [
    legalHoldSet,
    legalHoldEnded,
    retentionChanged,
    retentionRan,
    erasureBegun,
    contactErased,
    exportBegun,
    exportFinished,
    exportDownloaded,
    workspaceErasureSet,
    workspaceErasureCanceled,
    workspaceSearched,
  ],
  jobs: [
    work(retain, (ctx, input, run) => runRetention(ctx, input, run)),
    work(retainDue, startDueRetention),
    work(erase, (ctx, input, run) => runErasure(ctx, input, run)),
    work(goOnErasing, resumeErasures),
    work(writeExport, runExport),
    work(tellExportReady, runTellExportReady),
    work(tidyExports, removeOldExports),
    work(tellOwners, runTellOwners),
    work(eraseWorkspaces, (ctx, input, run) => eraseDueWorkspaces(ctx, input, run)),
  ],
  schedules: [
    { job: retainDue, cron: '13 * * * *', input: {} },
    { job: goOnErasing, cron: '*/5 * * * *', input: {} },
    { job: eraseWorkspaces, cron: '* * * * *', input: {} },
    { job: tidyExports, cron: '*/10 * * * *', input: {} },
  ],
  stored,
  sealed: [
    ...sealedOfHolds,
    { table: 'exports', column: 'passphrase', key: ['id'], place: (row) => passphrasePlace(row.id ?? '') },
    { table: 'erasures', column: 'needles', key: ['id'], place: (row) => needlesPlace(row.id ?? '') },
  ],
};
