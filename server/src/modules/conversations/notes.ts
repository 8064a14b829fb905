// Notes: what members say among themselves in a conversation, and whom of them they call.
import type { Note, WriteNote } from '@parley/contract/inbox';
import { and, eq, inArray } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { notFound, ParleyError, validationError } from '../../core/errors.ts';
import { holdsPort } from '../../core/holds.ts';
import { newId } from '../../core/identifiers.ts';
import { members } from '../tenancy/tables.ts';
import { noteChanged, noteCreated, noteDeleted } from './events.ts';
import { conversations, noteMentions, notes } from './tables.ts';

interface NoteRow {
  id: string;
  conversation_id: string;
  author_id: string;
  body: Uint8Array;
  mentions: string[];
  created_at: Date | string;
  updated_at: Date | string;
}

const columns = `n.id, n.conversation_id, n.author_id, n.body, n.created_at, n.updated_at,
  (select coalesce(jsonb_agg(p.user_id order by p.user_id), '[]') from note_mentions p where p.note_id = n.id) as mentions`;

const place = (noteId: string) => `notes.body:${noteId}`;

export function toNote(tx: TransactionContext, row: NoteRow): Note {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    authorId: row.author_id,
    body: tx.openText(row.body, place(row.id)),
    mentions: row.mentions,
    createdAt: new Date(row.created_at).toISOString(),
    updatedAt: new Date(row.updated_at).toISOString(),
  };
}

/** The newest ones before a place in the conversation, newest first; still sealed. */
export async function readNoteRows(
  tx: TransactionContext,
  conversationId: string,
  { limit, before }: { limit: number; before: readonly [string, string] | null },
): Promise<NoteRow[]> {
  return tx.sql<NoteRow>(
    `select ${columns} from notes n
     where n.conversation_id = $1 ${before ? 'and (n.created_at, n.id) < ($3::timestamptz, $4::uuid)' : ''}
     order by n.created_at desc, n.id desc limit $2`,
    [conversationId, limit, ...(before ?? [])],
  );
}

/** Those of these notes that exist; in no order. */
export async function readNotes(tx: TransactionContext, noteIds: readonly string[]): Promise<Note[]> {
  const rows = await tx.sql<NoteRow>(`select ${columns} from notes n where n.id = any($1)`, [noteIds]);
  return rows.map((row) => toNote(tx, row));
}

async function readNote(tx: TransactionContext, noteId: string): Promise<Note> {
  const [row] = await tx.sql<NoteRow>(`select ${columns} from notes n where n.id = $1`, [noteId]);
  if (!row) throw notFound('note');
  return toNote(tx, row);
}

/** Whoever writes one in another's name, or removes it, is in charge of the workspace. */
const moderates = (ctx: Context) => ctx.actor.permissions.has('conversations:moderate');

/** @throws ParleyError 400 for a mention of somebody who is no member; 404 */
export async function createNote(ctx: Context, conversationId: string, input: WriteNote): Promise<Note> {
  return ctx.transaction(async (tx) => {
    const [conversation] = await tx.drizzle
      .select({ id: conversations.id })
      .from(conversations)
      .where(eq(conversations.id, conversationId));
    if (!conversation) throw notFound('conversation');
    const mentions = await checkMentions(tx, input.mentions);
    const id = newId();
    const authorId = tx.actor.id ?? '';
    const now = tx.clock.date();
    await tx.drizzle.insert(notes).values({
      id,
      workspaceId: tx.workspaceId,
      conversationId,
      authorId,
      body: tx.seal(input.body, place(id)),
      createdAt: now,
      updatedAt: now,
    });
    await addMentions(tx, { id, conversationId }, mentions);
    tx.append(noteCreated, { noteId: id, conversationId, authorId, mentions });
    return readNote(tx, id);
  });
}

/** Its author changes it, or who moderates. Who is called for the first time has it unread. @throws ParleyError 400, 403, 404; 409 `legal_hold` */
export async function changeNote(ctx: Context, noteId: string, input: WriteNote): Promise<Note> {
  return ctx.transaction(async (tx) => {
    const { conversationId } = await lockNote(tx, noteId);
    await refuseHeld(tx, conversationId);
    const mentions = await checkMentions(tx, input.mentions);
    await tx.drizzle
      .update(notes)
      .set({ body: tx.seal(input.body, place(noteId)), updatedAt: tx.clock.date() })
      .where(eq(notes.id, noteId));
    const before = await tx.drizzle.select().from(noteMentions).where(eq(noteMentions.noteId, noteId));
    const called = new Set(before.map(({ userId }) => userId));
    const left = [...called].filter((userId) => !mentions.includes(userId));
    if (left.length > 0) {
      await tx.drizzle
        .delete(noteMentions)
        .where(and(eq(noteMentions.noteId, noteId), inArray(noteMentions.userId, left)));
    }
    const added = mentions.filter((userId) => !called.has(userId));
    await addMentions(tx, { id: noteId, conversationId }, added);
    tx.append(noteChanged, { noteId, conversationId, mentions: added });
    return readNote(tx, noteId);
  });
}

/** @throws ParleyError 403, 404; 409 `legal_hold` */
export async function deleteNote(ctx: Context, noteId: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const { conversationId } = await lockNote(tx, noteId);
    await refuseHeld(tx, conversationId);
    await tx.drizzle.delete(notes).where(eq(notes.id, noteId));
    tx.append(noteDeleted, { noteId, conversationId });
  });
}

/** What was written about somebody stays as it is while a legal hold is on them. */
async function refuseHeld(tx: TransactionContext, conversationId: string): Promise<void> {
  const rows = await tx.drizzle
    .select({ id: conversations.contactId })
    .from(conversations)
    .where(eq(conversations.id, conversationId));
  await tx.use(holdsPort).refuse(
    tx,
    rows.map(({ id }) => id),
  );
}

async function lockNote(tx: TransactionContext, noteId: string): Promise<{ conversationId: string }> {
  const [row] = await tx.drizzle.select().from(notes).where(eq(notes.id, noteId)).for('update');
  if (!row) throw notFound('note');
  if (row.authorId !== tx.actor.id && !moderates(tx)) {
    throw new ParleyError({ status: 403, code: 'forbidden', message: 'Only its author changes a note.' });
  }
  return row;
}

/** Each once. */
async function checkMentions(tx: TransactionContext, mentions: readonly string[] = []): Promise<string[]> {
  const asked = [...new Set(mentions)];
  if (asked.length === 0) return [];
  const rows = await tx.drizzle
    .select({ userId: members.userId })
    .from(members)
    .where(and(eq(members.workspaceId, tx.workspaceId), inArray(members.userId, asked)));
  if (rows.length === asked.length) return asked;
  throw validationError('A note calls members of the workspace only.', [
    { path: 'body.mentions', message: 'names somebody who is no member' },
  ]);
}

async function addMentions(
  tx: TransactionContext,
  note: { id: string; conversationId: string },
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return;
  const now = tx.clock.date();
  await tx.drizzle.insert(noteMentions).values(
    userIds.map((userId) => ({
      noteId: note.id,
      userId,
      workspaceId: tx.workspaceId,
      conversationId: note.conversationId,
      // Nobody needs to be told what they wrote themselves.
      readAt: userId === tx.actor.id ? now : null,
      createdAt: now,
    })),
  );
}
