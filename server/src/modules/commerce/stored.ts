// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

export const stored: readonly StoredTable[] = [
  {
    table: 'interactions',
    key: ['id'],
    keeps: 'what people did with products; strangers by a keyed hash',
    ofPeople: 't.contact_id = any(:people)',
    exported: { as: 'interactions' },
  },
  { table: 'products', key: ['id'], keeps: 'what a shop sells', exported: { as: 'products' } },
  {
    table: 'recommendation_models',
    key: ['id'],
    keeps:
      'numbers learned from interactions, for ids and hashes; forgets who is gone with the next training',
  },
  { table: 'outside_id_keys', key: ['workspace_id'], keeps: 'the key of those hashes' },
];
