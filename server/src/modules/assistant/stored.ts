// What the tables of this module keep of people, and for how long.
import type { StoredTable } from '../../core/stored-tables.ts';

const ofConversation = 't.conversation_id in (select id from conversations where contact_id = any(:people))';
const isEnded = "t.state not in ('waiting', 'confirmed', 'running')";

/** In the order in which they are emptied. */
export const stored: readonly StoredTable[] = [
  {
    table: 'shadow_answers',
    key: ['id'],
    keeps: 'answers of shadow runs',
    ofPeople: `t.run_id in (select r.id from runs r join conversations c on c.id = r.conversation_id
      where c.contact_id = any(:people))`,
  },
  {
    table: 'runs',
    key: ['id'],
    keeps: 'turns of the assistant: what it read, called and decided',
    ofPeople: ofConversation,
    retained: [
      { kind: 'runs', at: 't.started_at', where: 't.finished_at is not null' },
      // What a run repeats of a conversation goes with the messages, its figures with the runs.
      {
        kind: 'messages',
        at: 't.started_at',
        where:
          "t.finished_at is not null and (t.hand_over is not null or t.steps is not null or t.read_passages <> '[]')",
        set: "hand_over = null, steps = null, read_passages = '[]'",
      },
    ],
    exported: { as: 'runs' },
  },
  {
    table: 'shadow_runs',
    key: ['id'],
    keeps: 'what was tried in the shadow',
    retained: [
      {
        kind: 'runs',
        at: 't.started_at',
        where: "t.state <> 'running'",
        keptWith: `t.id in (select a.shadow_run_id from shadow_answers a join runs r on r.id = a.run_id
          join conversations c on c.id = r.conversation_id where c.contact_id = any(:people))`,
      },
    ],
  },
  {
    table: 'confirmations',
    key: ['id'],
    keeps: 'calls of tools that waited for a member',
    ofPeople: ofConversation,
    retained: [{ kind: 'runs', at: 't.created_at', where: isEnded }],
    copies: 'delete',
  },
  {
    table: 'knowledge_proposal_sources',
    key: ['answer_message_id'],
    keeps: 'from where a proposal was taken',
    ofPeople: ofConversation,
  },
  {
    table: 'knowledge_proposals',
    key: ['id'],
    keeps: 'questions and answers that knowledge may have; go with their messages',
    ofPeople: ofConversation,
    exported: { as: 'knowledge-proposals' },
    copies: 'delete',
  },
  {
    table: 'answer_cases',
    key: ['id'],
    keeps: 'questions whose right answer a member settled; may repeat a message',
    exported: { as: 'answer-cases' },
    copies: 'delete',
  },
  {
    table: 'chat_message_files',
    key: ['message_id', 'file_id'],
    keeps: 'which message of a chat has which file; goes with both',
  },
  {
    table: 'chat_messages',
    key: ['id'],
    keeps: 'what members and the assistant said to each other; may repeat a message',
    exported: { as: 'chat-messages' },
    copies: 'empty',
  },
  {
    table: 'chats',
    key: ['id'],
    keeps: 'chats of members',
    retained: [{ kind: 'chats', at: 't.updated_at' }],
    exported: { as: 'chats' },
    copies: 'empty',
  },
  {
    table: 'chat_files',
    key: ['id'],
    keeps: 'files of chats',
    // Those that no chat has any more.
    retained: [
      {
        kind: 'chats',
        at: 't.created_at',
        where: 'not exists (select 1 from chat_message_files m where m.file_id = t.id)',
      },
    ],
    exported: { as: 'chat-files', omit: ['file_key'] },
    files: { folder: 'chat' },
    copies: 'delete',
  },
  {
    table: 'assistants',
    key: ['workspace_id'],
    keeps: 'how the assistant behaves',
    exported: { as: 'assistant' },
  },
  { table: 'case_checks', key: ['id'], keeps: 'figures of checks' },
  {
    table: 'http_tools',
    key: ['id'],
    keeps: 'tools of the workspace',
    exported: { as: 'http-tools', omit: ['headers'] },
  },
  {
    table: 'tool_servers',
    key: ['id'],
    keeps: 'servers of tools',
    exported: { as: 'tool-servers', omit: ['headers'] },
  },
  { table: 'tool_choices', key: ['name'], keeps: 'which tools are used' },
  { table: 'knowledge_learning', key: ['workspace_id'], keeps: 'how far conversations were read' },
  { table: 'look_throughs', key: ['id'], keeps: 'figures of readings' },
];
