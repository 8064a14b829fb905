import type { Module } from '../../core/module.ts';
import { work } from '../../core/queue.ts';
import { erase, goOnErasing, needlesPlace, resumeErasures, runErasure } from './erasures.ts';
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
} from './events.ts';
import { passphrasePlace, removeOldExports, runExport, tidyExports, writeExport } from './exports.ts';
import { sealedOfHolds } from './holds.ts';
import { retain, retainDue, runRetention, startDueRetention } from './retention-runs.ts';
import { stored } from './stored.ts';

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
  ],
  jobs: [
    work(retain, (ctx, input, run) => runRetention(ctx, input, run)),
    work(retainDue, startDueRetention),
    work(erase, (ctx, input, run) => runErasure(ctx, input, run)),
    work(goOnErasing, resumeErasures),
    work(writeExport, runExport),
    work(tidyExports, removeOldExports),
  ],
  schedules: [
    { job: retainDue, cron: '13 * * * *', input: {} },
    { job: goOnErasing, cron: '*/5 * * * *', input: {} },
    { job: tidyExports, cron: '*/10 * * * *', input: {} },
  ],
  stored,
  sealed: [
    ...sealedOfHolds,
    { table: 'exports', column: 'passphrase', key: ['id'], place: (row) => passphrasePlace(row.id ?? '') },
    { table: 'erasures', column: 'needles', key: ['id'], place: (row) => needlesPlace(row.id ?? '') },
  ],
};
