// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

export const stored: readonly StoredTable[] = [
  {
    table: 'legal_holds',
    key: ['id'],
    keeps: 'what must not be deleted, and why',
    ofPeople: 't.contact_id = any(:people)',
    exported: { as: 'legal-holds' },
  },
  {
    table: 'erasures',
    key: ['id'],
    keeps: 'who was erased: an id, figures, and what was looked for until that is done',
  },
  {
    table: 'exports',
    key: ['id'],
    keeps: 'who asked for an export of whom; its file is gone after a week',
    ofPeople: 't.contact_id = any(:people)',
    files: { folder: 'exports', locked: true },
  },
  {
    table: 'retention_rules',
    key: ['kind'],
    keeps: 'how long things are kept',
    exported: { as: 'retention' },
  },
  {
    table: 'retention_runs',
    key: ['id'],
    keeps: 'what went, by which rule: figures',
    exported: { as: 'retention-runs' },
  },
];
