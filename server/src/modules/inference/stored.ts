// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

export const stored: readonly StoredTable[] = [
  {
    table: 'budget_counters',
    key: ['cap_id', 'subject_id', 'starts_on'],
    keeps: 'what was spent under a cap',
    ofPeople: 't.subject_id = any(:people)',
  },
  {
    table: 'budget_caps',
    key: ['id'],
    keeps: 'caps on spending, some of them for one contact',
    ofPeople: "t.scope = 'contact' and t.subject_id = any(:people)",
    exported: { as: 'budget-caps' },
  },
  {
    table: 'routing_receipts',
    key: ['id'],
    keeps: 'why a model was not asked: codes and ids',
    ofPeople: 't.conversation_id in (select id from conversations where contact_id = any(:people))',
    retained: [{ kind: 'runs', at: 't.created_at' }],
  },
  {
    table: 'ledger',
    key: ['id'],
    keeps: 'what calls of models did cost: figures and ids, which name nobody once a contact is gone',
  },
  {
    table: 'models',
    key: ['id'],
    keeps: 'models and their keys',
    exported: { as: 'models', omit: ['api_key'] },
  },
  { table: 'model_prices', key: ['model'], keeps: 'prices' },
  { table: 'model_figures', key: ['model_id', 'hour'], keeps: 'figures of models' },
  { table: 'model_incidents', key: ['id'], keeps: 'when a model rested' },
  { table: 'request_counters', key: ['model_id', 'period'], keeps: 'counts of calls' },
  { table: 'routing_settings', key: ['workspace_id'], keeps: 'settings' },
];
