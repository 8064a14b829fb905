// The door of conversations: contacts, conversations and messages, their delivery state, consent and owner. What others
// read of a conversation is here; what they may do to one is beside it, and re-exported below.
import type { AiConsentState } from '@parley/contract/ai-consent';
import type { TransactionContext } from '../../core/context.ts';

export { changeConversation, flagConversation } from './change.ts';
export { codeTexts } from './code-texts.ts';
export { keywordOf } from './consent.ts';
export { contactNames, readsConversations } from './contact-names.ts';
export { changeContact } from './contacts.ts';
export { conversationChanged, messageReceived } from './events.ts';
export { sendFile } from './file-answers.ts';
export { LockedWork, lockedWork, whileLocked } from './locked-work.ts';
export { createMediaLinks, mediaLinks } from './media-links.ts';
export { writeMessage } from './member-messages.ts';
export { createNote } from './notes.ts';
export { createOutboundMessage } from './outbound.ts';
export { readConversation } from './queries.ts';
export { replayConversation } from './replay.ts';
export { search } from './search.ts';
export { type SegmentLedger, type SentSegments, segmentLedger } from './segment-ledger.ts';
export { keepRefusals } from './suppressions.ts';
export { noteUnderstood } from './understood.ts';

export interface ConversationState {
  readonly id: string;
  readonly channelId: string;
  readonly contactId: string;
  readonly contactPointId: string;
  readonly status: 'active' | 'archived' | 'flagged_for_review';
  readonly ownerKind: 'assistant' | 'member' | 'nobody';
  readonly ownerId: string | null;
  readonly assistantPolicy: 'off' | 'draft' | 'auto' | null;
  readonly private: boolean;
  readonly language: 'en' | 'es' | 'pt' | 'unknown';
  readonly languageConfidence: number;
  readonly optedOut: boolean;
  /** Of being answered by a machine. */
  readonly aiConsent: AiConsentState;
}

export interface ThreadMessage {
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly senderKind: 'contact' | 'assistant' | 'member' | 'system';
  /** Opened when it is first read: not every reader needs it. @throws CryptoError */
  readonly body: string;
  readonly status: string;
  readonly createdAt: Date;
}

interface StateRow {
  id: string;
  channel_id: string;
  contact_id: string;
  contact_point_id: string;
  status: ConversationState['status'];
  owner_kind: ConversationState['ownerKind'];
  owner_id: string | null;
  assistant_policy: ConversationState['assistantPolicy'];
  private: boolean;
  language: ConversationState['language'];
  language_confidence: number;
  opted_out: boolean;
  ai_consent: AiConsentState;
}

const lockState = {
  name: 'conversation_state_lock',
  text: `select c.id, c.channel_id, c.contact_id, c.contact_point_id, c.status, c.owner_kind, c.owner_id,
      c.assistant_policy, c.private, c.language, c.language_confidence,
      p.opted_out_at is not null as opted_out, k.ai_consent
    from conversations c join contact_points p on p.id = c.contact_point_id
    join contacts k on k.id = c.contact_id where c.id = $1
    for no key update of c`,
};

function toState(row: StateRow): ConversationState {
  return {
    id: row.id,
    channelId: row.channel_id,
    contactId: row.contact_id,
    contactPointId: row.contact_point_id,
    status: row.status,
    ownerKind: row.owner_kind,
    ownerId: row.owner_id,
    assistantPolicy: row.assistant_policy,
    private: row.private,
    language: row.language,
    languageConfidence: row.language_confidence,
    optedOut: row.opted_out,
    aiConsent: row.ai_consent,
  };
}

/** Reads a conversation and keeps others from changing it until the transaction ends; null when there is none. */
export async function lockConversation(
  tx: TransactionContext,
  conversationId: string,
): Promise<ConversationState | null> {
  const [row] = await tx.sql<StateRow>(lockState, [conversationId]);
  return row ? toState(row) : null;
}

interface ThreadRow {
  id: string;
  direction: ThreadMessage['direction'];
  sender_kind: ThreadMessage['senderKind'];
  content: Uint8Array;
  status: string;
  created_at: Date | string;
}

// What was said: drafts were not, nor was what was canceled or never left.
const readNewest = {
  name: 'conversation_thread',
  text: `select id, direction, sender_kind, content, status, created_at from messages
    where conversation_id = $1 and status not in ('draft', 'canceled', 'failed')
    order by created_at desc, id desc limit $2`,
};

/** What was said last in a conversation, oldest first. */
export async function readThread(
  tx: TransactionContext,
  conversationId: string,
  limit: number,
): Promise<ThreadMessage[]> {
  const rows = await tx.sql<ThreadRow>(readNewest, [conversationId, limit]);
  return rows.toReversed().map((row) => toThreadMessage(tx, row));
}

function toThreadMessage(tx: TransactionContext, row: ThreadRow): ThreadMessage {
  let body: string | undefined;
  return {
    id: row.id,
    direction: row.direction,
    senderKind: row.sender_kind,
    get body() {
      body ??= openMessage(tx, row.id, row.content);
      return body;
    },
    status: row.status,
    createdAt: new Date(row.created_at),
  };
}

/** Messages by their ids, whatever became of them, oldest first; what is not there any more is left out. */
export async function readMessages(
  tx: TransactionContext,
  messageIds: readonly string[],
): Promise<ThreadMessage[]> {
  const rows = await tx.sql<ThreadRow>(
    `select id, direction, sender_kind, content, status, created_at from messages
     where id = any($1::uuid[]) order by created_at, id`,
    [messageIds],
  );
  return rows.map((row) => toThreadMessage(tx, row));
}

/** Opens what a row of `messages` holds as content. @throws CryptoError */
export function openMessage(tx: TransactionContext, messageId: string, content: Uint8Array): string {
  return tx.openText(content, `messages.content:${messageId}`);
}

const findNewestUnread = {
  name: 'message_newest_unread',
  text: `select id, created_at from messages
    where conversation_id = $1 and direction = 'inbound' and created_at >= $2 and id <> all($3)
    order by created_at desc, id desc limit 1`,
};

/** The newest thing that the contact said since then and that is not among those; one may be stored late. */
export async function newestUnreadMessage(
  tx: TransactionContext,
  conversationId: string,
  since: Date,
  readIds: readonly string[],
): Promise<{ id: string; createdAt: Date } | null> {
  const [row] = await tx.sql<{ id: string; created_at: Date | string }>(findNewestUnread, [
    conversationId,
    since,
    readIds,
  ]);
  return row ? { id: row.id, createdAt: new Date(row.created_at) } : null;
}

const countReplies = {
  name: 'assistant_replies',
  text: `select count(*)::int as count from messages where conversation_id = $1 and created_at > $2
    and direction = 'outbound' and sender_kind = 'assistant' and status not in ('draft', 'canceled', 'failed')`,
};

/** How many answers of the assistant went out to this conversation since then; drafts do not count. */
export async function countAssistantReplies(
  tx: TransactionContext,
  conversationId: string,
  since: Date,
): Promise<number> {
  const [row] = await tx.sql<{ count: number }>(countReplies, [conversationId, since]);
  return row?.count ?? 0;
}
