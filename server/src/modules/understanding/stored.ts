// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

const ofMessage = `t.message_id in (select m.id from messages m join conversations c on c.id = m.conversation_id
  where c.contact_id = any(:people))`;

export const stored: readonly StoredTable[] = [
  {
    table: 'insight_corrections',
    key: ['message_id', 'field'],
    keeps: 'what members said instead of an insight',
    ofPeople: ofMessage,
    goesAlong: true,
    exported: { as: 'insight-corrections' },
  },
  {
    table: 'insights',
    key: ['message_id'],
    keeps: 'what was understood of messages; goes with them',
    ofPeople: ofMessage,
    goesAlong: true,
    exported: { as: 'insights' },
  },
  {
    table: 'intent_examples',
    key: ['id'],
    keeps: 'sentences from which intents are learned; members may have copied them from messages',
    copies: 'delete',
    exported: { as: 'intent-examples' },
  },
  { table: 'intents', key: ['name'], keeps: 'names of intents', exported: { as: 'intents' } },
  { table: 'intent_models', key: ['id'], keeps: 'trained weights of hashed features: no words' },
  { table: 'intent_model_promotions', key: ['id'], keeps: 'which model was put into use, by whom' },
  { table: 'intent_drifts', key: ['workspace_id'], keeps: 'figures of a model' },
];
