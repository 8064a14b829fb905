// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

const ofConversation = 't.conversation_id in (select id from conversations where contact_id = any(:people))';
const ofMessage = `t.message_id in (select m.id from messages m join conversations c on c.id = m.conversation_id
  where c.contact_id = any(:people))`;
/** What is still on its way, or waits for a member, has no age yet. */
const isSettled = "t.status not in ('draft', 'pending', 'queued', 'sending', 'unknown')";

/** In the order in which they are emptied: what hangs on others first. */
export const stored: readonly StoredTable[] = [
  {
    table: 'search_documents',
    key: ['kind', 'ref_id'],
    keeps: 'keyed hashes of the words by which messages, notes and contacts are found',
    ofPeople: ofConversation,
    retained: [{ kind: 'messages', at: 't.at', where: "t.kind <> 'contact'" }],
  },
  {
    table: 'message_media',
    key: ['id'],
    keeps: 'which files messages have; the files rest in storage',
    ofPeople: ofMessage,
    retained: [
      {
        kind: 'media',
        at: '(select m.created_at from messages m where m.id = t.message_id)',
        where: "t.status <> 'pending'",
      },
      {
        kind: 'messages',
        at: '(select m.created_at from messages m where m.id = t.message_id)',
        where: `t.status <> 'pending' and exists (select 1 from messages s where s.id = t.message_id
          and s.status not in ('draft', 'pending', 'queued', 'sending', 'unknown'))`,
      },
    ],
    exported: { as: 'media', omit: ['provider_url', 'file_key', 'storage_key'] },
    files: { folder: 'media' },
  },
  {
    table: 'message_status_events',
    key: ['id'],
    keeps: 'what the provider told of outbound messages',
    ofPeople: ofMessage,
    goesAlong: true,
    exported: { as: 'message-status-events' },
  },
  {
    table: 'message_attempts',
    key: ['id'],
    keeps: 'calls to the provider',
    ofPeople: ofMessage,
    goesAlong: true,
  },
  {
    table: 'messages',
    key: ['id'],
    keeps: 'what was said',
    ofPeople: ofConversation,
    // A message with a file is taken after its file.
    retained: [
      {
        kind: 'messages',
        at: 't.created_at',
        where: `${isSettled} and not exists (select 1 from message_media f where f.message_id = t.id)`,
      },
    ],
    exported: { as: 'messages', omit: ['before_hold', 'claimed_at', 'slot_at', 'not_before'] },
  },
  {
    table: 'note_mentions',
    key: ['note_id', 'user_id'],
    keeps: 'which member a note calls',
    ofPeople: ofConversation,
    goesAlong: true,
  },
  {
    table: 'notes',
    key: ['id'],
    keeps: 'what members wrote to one another about a conversation',
    ofPeople: ofConversation,
    retained: [{ kind: 'messages', at: 't.created_at' }],
    exported: { as: 'notes' },
  },
  {
    table: 'activities',
    key: ['id'],
    keeps: 'what was done with a conversation: ids and codes',
    ofPeople: ofConversation,
    retained: [{ kind: 'messages', at: 't.created_at' }],
    exported: { as: 'activities' },
  },
  {
    table: 'conversations',
    key: ['id'],
    keeps: 'who talks with whom on which channel',
    ofPeople: 't.contact_id = any(:people)',
    // One in which nothing is left.
    retained: [
      {
        kind: 'messages',
        at: 't.last_message_at',
        where: `not exists (select 1 from messages m where m.conversation_id = t.id)
          and not exists (select 1 from notes n where n.conversation_id = t.id)`,
      },
    ],
    exported: { as: 'conversations', omit: ['read_by'] },
  },
  {
    table: 'consent_events',
    key: ['id'],
    keeps: 'the proof of opting out and in',
    ofPeople: 't.contact_point_id in (select id from contact_points where contact_id = any(:people))',
    goesAlong: true,
    exported: { as: 'consent-events' },
  },
  {
    table: 'ai_consent_events',
    key: ['id'],
    keeps: 'the proof of agreeing to be answered by a machine, or not',
    ofPeople: 't.contact_id = any(:people)',
    goesAlong: true,
    exported: { as: 'ai-consent-events' },
  },
  {
    table: 'contact_points',
    key: ['id'],
    keeps: 'the addresses of contacts',
    ofPeople: 't.contact_id = any(:people)',
    exported: { as: 'contact-points' },
  },
  {
    table: 'contacts',
    key: ['id'],
    keeps: 'who contacts are: their name, and whether a machine may answer them',
    ofPeople: 't.id = any(:people)',
    // Of whom nothing is left, and who asked for nothing that must be remembered.
    retained: [
      {
        kind: 'messages',
        at: 't.created_at',
        where: `t.ai_consent = 'unknown' and not exists (select 1 from conversations c where c.contact_id = t.id)
          and not exists (select 1 from contact_points p where p.contact_id = t.id and p.opted_out_at is not null)`,
      },
    ],
    exported: { as: 'contacts' },
  },
  {
    table: 'code_texts',
    key: ['id'],
    keeps: 'codes that went to members; what they said is gone once they are sent',
  },
  {
    table: 'suppressions',
    key: ['address_hash'],
    keeps: 'what erased contacts had refused, under a keyed hash of their address',
  },
  { table: 'suppression_keys', key: ['workspace_id'], keeps: 'the key of those hashes' },
  { table: 'search_indexes', key: ['workspace_id'], keeps: 'the key of the search, and how far it has read' },
  { table: 'readers', key: ['user_id'], keeps: 'a number for each member who reads' },
  {
    table: 'views',
    key: ['id'],
    keeps: 'saved filters of members',
    exported: { as: 'views' },
  },
  {
    table: 'quick_replies',
    key: ['id'],
    keeps: 'sentences that members send often',
    exported: { as: 'quick-replies' },
  },
];
