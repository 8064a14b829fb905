// Makes outbound messages: those of members, of the assistant and of Parley itself, drafts and scheduled ones. A
// message exists, with the job that sends it, before anything else happens to it.
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound, ParleyError } from '../../core/errors.ts';
import { newId } from '../../core/identifiers.ts';
import { countSegments } from '../channels/channels.ts';
import { recordActivities } from './activities.ts';
import { lockForSending, sendMessage } from './attempts.ts';
import { conversationChanged, messageCreated } from './events.ts';
import { type SentSegments, segmentLedger, spendSegments } from './segment-ledger.ts';

export interface NewOutboundMessage {
  readonly conversationId: string;
  readonly body: string;
  readonly sender: { readonly kind: 'assistant' | 'member' | 'system'; readonly id: string | null };
  readonly runId?: string;
  /** Waits for a member's approval. */
  readonly draft?: boolean;
  readonly sendAt?: Date;
  /**
   * It waits for `sendAt` only so that its sender can undo it. They take the conversation over at once, for the assistant
   * shall not answer beside them; who undoes it finds everything as it was (see `undoHold`). The conversation is locked.
   */
  readonly held?: boolean;
  /** Only for the answers to STOP and HELP, which must reach who is opted out. */
  readonly ignoreConsent?: boolean;
}

interface Target {
  contact_id: string;
  opted_out: boolean;
  channel_gone: boolean;
}

interface Created extends Target {
  previous_status: string;
  previous_owner: string;
  previous_owner_id: string | null;
}

const target = `select c.id, c.workspace_id, c.channel_id, c.status, c.owner_kind, c.owner_id, p.contact_id,
        p.address as contact_address, p.opted_out_at is not null as opted_out, ch.address as channel_address,
        ch.deleted_at is not null as channel_gone
      from conversations c
      join contact_points p on p.id = c.contact_point_id
      join channels ch on ch.id = c.channel_id
      where c.id = $1`;

const findTarget = { name: 'message_target', text: target };

const create = {
  name: 'message_create',
  // A member who writes takes the conversation over; what anybody writes brings it back from the archive.
  text: `with target as (
      ${target}
    ), made as (
      insert into messages
        (id, workspace_id, conversation_id, channel_id, direction, sender_kind, sender_id, from_address, to_address,
         content, status, encoding, segments, run_id, ignores_consent, send_at, due_at, before_hold, created_at,
         updated_at)
      select $2, workspace_id, id, channel_id, 'outbound', $3, $4, channel_address, contact_address,
        $5, $6, $7, $8, $9, $10, $11, $12,
        case when $15::uuid[] is not null then jsonb_build_object('status', status, 'ownerKind', owner_kind,
          'ownerId', owner_id, 'activityIds', $15::uuid[]) end, $13, $13
      from target where not channel_gone and ($10 or not opted_out)
      returning conversation_id
    ), touched as (
      update conversations set last_message_at = greatest(last_message_at, $13), updated_at = $13,
        status = case when status = 'archived' then 'active' else status end,
        owner_kind = case when $14 then 'member' else owner_kind end,
        owner_id = case when $14 then $4 else owner_id end,
        draft_count = draft_count + case when $6 = 'draft' then 1 else 0 end
      where id = (select conversation_id from made)
    )
    select contact_id, opted_out, channel_gone, status as previous_status, owner_kind as previous_owner,
      owner_id as previous_owner_id
    from target`,
};

export const optedOut = () =>
  conflict('consent_opted_out', 'This contact said STOP. Nothing may be sent until they say START.');

/**
 * Makes a message and, unless it is a draft, spends its segments and makes the job that sends it.
 * @throws ParleyError 404; 409 `consent_opted_out`, `channel_deleted`, `budget_exhausted`: nothing was made then
 */
export async function createOutboundMessage(
  tx: TransactionContext,
  input: NewOutboundMessage,
): Promise<{ messageId: string; status: 'draft' | 'pending' }> {
  // Older than the message, by which the conversation is taken over.
  const [reopenedId, takenOverId] = [newId(), newId()];
  const messageId = newId();
  const now = tx.clock.date();
  const status = input.draft ? 'draft' : 'pending';
  const takesOver = input.sender.kind === 'member' && !input.draft;
  const { encoding, segments } = countSegments(input.body);
  const dueAt = input.draft ? null : (input.sendAt ?? now);
  const sent = { messageId, conversationId: input.conversationId, segments, purpose: purposeOf(input) };
  const ledger = tx.use(segmentLedger);
  // Whoever is refused may go on in this transaction, so nothing is made before there is room for it.
  const isCapped = !input.draft && !input.ignoreConsent && (await ledger.isCapped(tx));
  if (isCapped) {
    // The conversation before the caps: whoever settles a message of it locks them in this order.
    await lockForSending(tx, input.conversationId);
    const [row] = await tx.sql<Target>(findTarget, [input.conversationId]);
    const { contact_id: contactId } = checked(row, false);
    await spendSegments(tx, { ...sent, contactId });
  }
  const [made] = await tx.sql<Created>(create, [
    input.conversationId,
    messageId,
    input.sender.kind,
    input.sender.id,
    tx.seal(input.body, `messages.content:${messageId}`),
    status,
    encoding,
    segments,
    input.runId ?? null,
    input.ignoreConsent ?? false,
    input.sendAt ?? null,
    dueAt,
    now,
    takesOver,
    input.held ? [reopenedId, takenOverId] : null,
  ]);
  const row = checked(made, input.ignoreConsent ?? false);
  if (!input.draft && !isCapped) await ledger.note(tx, { ...sent, contactId: row.contact_id });
  const { conversationId } = input;
  tx.append(messageCreated, {
    messageId,
    conversationId,
    direction: 'outbound',
    senderKind: input.sender.kind,
    status,
  });
  const reopened = row.previous_status === 'archived';
  const takenOver =
    takesOver && (row.previous_owner !== 'member' || row.previous_owner_id !== input.sender.id);
  if (reopened || takenOver) {
    const changed = [...(reopened ? ['status'] : []), ...(takenOver ? ['owner'] : [])];
    tx.append(conversationChanged, { conversationId, changed });
    recordActivities(tx, [
      ...(reopened ? [{ id: reopenedId, at: now, conversationId, kind: 'reopened' as const }] : []),
      ...(takenOver ? [{ id: takenOverId, at: now, conversationId, kind: 'taken_over' as const }] : []),
    ]);
  }
  if (dueAt) tx.enqueue(sendMessage, { messageId }, dueAt > now ? { startAfter: dueAt } : {});
  return { messageId, status };
}

/** @throws ParleyError 404; 409 */
function checked<Row extends Target>(row: Row | undefined, ignoresConsent: boolean): Row {
  if (!row) throw notFound('conversation');
  if (row.channel_gone) throw conflict('channel_deleted', 'The channel of this conversation was removed.');
  if (row.opted_out && !ignoresConsent) throw optedOut();
  return row;
}

function purposeOf({ sender, ignoreConsent }: NewOutboundMessage): SentSegments['purpose'] {
  if (ignoreConsent) return 'consent';
  return sender.kind === 'assistant' ? 'run' : 'send';
}

/** Who a request's message is from: members write themselves, programs write with a key. */
export function memberSender(ctx: Context): { kind: 'member'; id: string | null } {
  if (ctx.actor.kind !== 'member' && ctx.actor.kind !== 'api_key') {
    throw new ParleyError({ status: 403, code: 'forbidden', message: 'Only members write by themselves.' });
  }
  return { kind: 'member', id: ctx.actor.id };
}
