// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

export const stored: readonly StoredTable[] = [
  {
    table: 'deliveries',
    key: ['id'],
    keeps: 'webhook calls as they arrived',
    ofPeople: `exists (select 1 from messages m join conversations c on c.id = m.conversation_id
        where m.delivery_id = t.id and c.contact_id = any(:people))
      or exists (select 1 from message_status_events e join messages m on m.id = e.message_id
        join conversations c on c.id = m.conversation_id where e.delivery_id = t.id and c.contact_id = any(:people))`,
    retained: [{ kind: 'deliveries', at: 't.received_at', where: "t.status <> 'received'" }],
    exported: { as: 'deliveries' },
    // Of somebody whose messages are gone already, or of calls from which no message came.
    copies: 'delete',
    // What was acknowledged becomes a message first.
    waits: "t.status = 'received'",
  },
  {
    table: 'channels',
    key: ['id'],
    keeps: 'the workspace’s own addresses and credentials',
    exported: { as: 'channels', omit: ['credentials'] },
  },
  { table: 'refusals', key: ['channel_id', 'hook', 'reason'], keeps: 'how many webhook calls were refused' },
  { table: 'number_orders', key: ['id'], keeps: 'numbers that the workspace rented' },
];
