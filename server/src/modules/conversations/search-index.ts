// Keeps the search index: follows the event log, opens what was said, and stores the keyed hashes of what it is found by.
//
// An event only names what to look at. What is written is the state of that moment, so events that come twice, late or in
// a batch that was begun before come to the same, and what is gone leaves the index.
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { CryptoError, newDataKey } from '../../core/crypto.ts';
import type { Queries } from '../../core/database.ts';
import type { Follower, Progress } from '../../core/follower.ts';
import {
  contactChanged,
  conversationChanged,
  conversationCreated,
  messageCreated,
  messageEdited,
  noteChanged,
  noteCreated,
  noteDeleted,
} from './events.ts';
import { searchIndexVersion, TermHasher, termsOf } from './search-terms.ts';

const followed = [
  conversationCreated,
  conversationChanged,
  contactChanged,
  messageCreated,
  messageEdited,
  noteCreated,
  noteChanged,
  noteDeleted,
].map(({ type }) => type);

/** Events in one transaction. */
const batchMax = 500;

interface IndexRow {
  key: Uint8Array;
  sequence: string | number;
  version: number;
}

const place = (workspaceId: string) => `search_indexes.key:${workspaceId}`;

const readIndex = {
  name: 'search_index_read',
  text: 'select key, sequence, version from search_indexes where workspace_id = $1',
};
const lockIndex = { name: 'search_index_lock', text: `${readIndex.text} for update skip locked` };
const makeIndex = {
  name: 'search_index_make',
  text: `insert into search_indexes (workspace_id, key, version) values ($1, $2, $3)
    on conflict do nothing returning key, sequence, version`,
};
const advanceIndex = {
  name: 'search_index_advance',
  text: 'update search_indexes set sequence = $2, version = $3 where workspace_id = $1',
};
const readEvents = {
  name: 'search_events',
  text: `select sequence, payload from events
    where workspace_id = $1 and sequence > $2 and sequence <= $3 and type = any($4)
    order by sequence limit ${batchMax}`,
};

/** The workspace's hasher of terms; null before anything was indexed. @throws CryptoError */
export async function searchHasher(tx: TransactionContext): Promise<TermHasher | null> {
  const [row] = await tx.sql<IndexRow>(readIndex, [tx.workspaceId]);
  return row ? new TermHasher(tx.open(row.key, place(tx.workspaceId))) : null;
}

/** What a contact is found by, each on a line of its own. */
export function contactText(contact: {
  readonly name: string | null;
  readonly address: string;
  readonly directoryName: string | null;
}): string {
  return [contact.name, contact.directoryName, contact.address].filter((line) => line !== null).join('\n');
}

/** Holds the workspace's index until the transaction ends; null while another process does. */
async function holdIndex(tx: TransactionContext): Promise<IndexRow | null> {
  const [held] = await tx.sql<IndexRow>(lockIndex, [tx.workspaceId]);
  if (held) return held;
  const key = tx.seal(newDataKey(), place(tx.workspaceId));
  const [made] = await tx.sql<IndexRow>(makeIndex, [tx.workspaceId, key, searchIndexVersion]);
  return made ?? null;
}

async function catchUp(ctx: Context, head: number): Promise<Progress> {
  return ctx.transaction(async (tx) => {
    const index = await holdIndex(tx);
    if (!index) return 'busy';
    // A newer Parley has been here: what it made is not undone.
    if (index.version > searchIndexVersion) return 'done';
    const after = index.version === searchIndexVersion ? Number(index.sequence) : 0;
    if (after >= head) return 'done';
    const events = await tx.sql<{ sequence: string | number; payload: unknown }>(readEvents, [
      tx.workspaceId,
      after,
      head,
      followed,
    ]);
    const hasher = new TermHasher(tx.open(index.key, place(tx.workspaceId)));
    await indexAnew(
      tx,
      hasher,
      events.map(({ payload }) => payloadShape.parse(payload)),
    );
    const last = events.length === batchMax ? events.at(-1) : undefined;
    tx.last(advanceIndex, [tx.workspaceId, Number(last?.sequence ?? head), searchIndexVersion]);
    return last ? 'more' : 'done';
  });
}

const payloadShape = z.object({
  messageId: z.uuid().optional(),
  noteId: z.uuid().optional(),
  contactId: z.uuid().optional(),
  conversationId: z.uuid().optional(),
  /** Of `conversation.changed`. */
  changed: z.array(z.string()).optional(),
});
type Payload = z.infer<typeof payloadShape>;

interface SearchDocument {
  readonly kind: 'message' | 'note' | 'contact';
  readonly ref_id: string;
  readonly conversation_id: string;
  readonly at: Date | string;
  readonly terms: readonly string[];
}

const storeDocuments = {
  name: 'search_documents_store',
  text: `insert into search_documents (workspace_id, kind, ref_id, conversation_id, at, terms)
    select $1, d.kind, d.ref_id, d.conversation_id, d.at, d.terms
    from jsonb_to_recordset($2::jsonb)
      as d(kind text, ref_id uuid, conversation_id uuid, at timestamptz, terms bigint[])
    on conflict (workspace_id, kind, ref_id) do update set terms = excluded.terms
    where search_documents.terms is distinct from excluded.terms`,
};
const removeDocuments = {
  name: 'search_documents_remove',
  text: 'delete from search_documents where workspace_id = $1 and kind = $2 and ref_id = any($3)',
};

async function indexAnew(
  tx: TransactionContext,
  hasher: TermHasher,
  payloads: readonly Payload[],
): Promise<void> {
  const messageIds = distinct(payloads.map(({ messageId }) => messageId));
  const noteIds = distinct(payloads.map(({ noteId }) => noteId));
  const contacts = payloads.filter(isOfContact);
  const conversationIds = distinct(contacts.map(({ conversationId }) => conversationId));
  const contactIds = distinct(
    contacts.map(({ contactId, conversationId }) => (conversationId ? undefined : contactId)),
  );
  const [messages, notes, conversations] = await Promise.all([
    messageIds.length === 0 ? [] : tx.sql<SaidRow>(readMessages, [messageIds]),
    noteIds.length === 0 ? [] : tx.sql<SaidRow>(readNotes, [noteIds]),
    contacts.length === 0
      ? []
      : tx.sql<ContactRow>(readContacts, [tx.workspaceId, conversationIds, contactIds]),
  ]);
  const documents = [
    ...messages.map((row) => saidDocument(tx, hasher, 'message', `messages.content:${row.id}`, row)),
    ...notes.map((row) => saidDocument(tx, hasher, 'note', `notes.body:${row.id}`, row)),
    ...conversations.map((row) => contactDocument(tx, hasher, row)),
  ].filter((document) => document !== null);
  if (documents.length > 0) tx.last(storeDocuments, [tx.workspaceId, JSON.stringify(documents)]);
  const kept = new Set(documents.map(({ ref_id }) => ref_id));
  for (const [kind, ids] of [
    ['message', messageIds],
    ['note', noteIds],
    ['contact', conversationIds],
  ] as const) {
    const gone = ids.filter((id) => !kept.has(id));
    if (gone.length > 0) tx.last(removeDocuments, [tx.workspaceId, kind, gone]);
  }
}

/** Whether an event tells of what a contact is found by: its name, its address, its entry in the directory. */
function isOfContact({ messageId, noteId, contactId, changed }: Payload): boolean {
  if (messageId !== undefined || noteId !== undefined) return false;
  return contactId !== undefined || changed?.includes('directory') === true;
}

function distinct(ids: readonly (string | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => id !== undefined))];
}

interface SaidRow {
  id: string;
  conversation_id: string;
  created_at: Date | string;
  sealed: Uint8Array;
}

const readMessages = {
  name: 'search_messages',
  text: 'select id, conversation_id, created_at, content as sealed from messages where id = any($1)',
};
const readNotes = {
  name: 'search_notes',
  text: 'select id, conversation_id, created_at, body as sealed from notes where id = any($1)',
};

function saidDocument(
  tx: TransactionContext,
  hasher: TermHasher,
  kind: 'message' | 'note',
  sealedAt: string,
  row: SaidRow,
): SearchDocument | null {
  const text = openOrNull(tx, row.id, () => tx.openText(row.sealed, sealedAt));
  if (text === null) return null;
  return {
    kind,
    ref_id: row.id,
    conversation_id: row.conversation_id,
    at: row.created_at,
    terms: hasher.hash('text', termsOf(text)),
  };
}

interface ContactRow {
  id: string;
  contact_id: string;
  name: Uint8Array | null;
  directory_name: Uint8Array | null;
  address: string;
  created_at: Date | string;
}

const readContacts = {
  name: 'search_contacts',
  text: `select c.id, c.contact_id, n.name, c.directory_name, p.address, c.created_at
    from conversations c
    join contact_points p on p.id = c.contact_point_id
    join contacts n on n.id = c.contact_id
    where c.workspace_id = $1 and (c.id = any($2) or c.contact_id = any($3))`,
};

function contactDocument(
  tx: TransactionContext,
  hasher: TermHasher,
  { id, contact_id, name, directory_name, address, created_at }: ContactRow,
): SearchDocument | null {
  const text = openOrNull(tx, id, () =>
    contactText({
      name: name && tx.openText(name, `contacts.name:${contact_id}`),
      directoryName: directory_name && tx.openText(directory_name, `conversations.directory_name:${id}`),
      address,
    }),
  );
  if (text === null) return null;
  return {
    kind: 'contact',
    ref_id: id,
    conversation_id: id,
    at: created_at,
    terms: hasher.hash('contact', termsOf(text)),
  };
}

/** One value that cannot be opened must not keep all that came after it out of the index. */
function openOrNull(tx: TransactionContext, refId: string, open: () => string): string | null {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    tx.log.warn({ err: error, ref_id: refId }, 'something could not be opened and will not be found');
    return null;
  }
}

async function behind(queries: Queries): Promise<string[]> {
  const rows = await queries.sql<{ workspace_id: string }>(
    `select w.workspace_id from workspaces w left join search_indexes i on i.workspace_id = w.workspace_id
     where coalesce(i.version, 0) < $1 or i.sequence <
       (select max(e.sequence) from events e where e.workspace_id = w.workspace_id)`,
    [searchIndexVersion],
  );
  return rows.map((row) => row.workspace_id);
}

/** Follows the log into the search index. */
export const searchIndexer: Follower = { name: 'search', events: followed, behind, catchUp };
