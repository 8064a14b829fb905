// What providers report of our messages: kept as history, and folded into the state of the messages that they tell of.
import type { TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import type { InboundEvent } from '../channels/adapter.ts';
import { type Delivery, isOptOutCode } from '../channels/channels.ts';
import { wakeNext } from './attempts.ts';
import { recordProviderOptOut } from './consent.ts';
import { foldable, foldStatus, type OutboundStatus } from './delivery-state.ts';
import { messageStatusChanged } from './events.ts';

export interface StatusReport {
  /** On behalf of the webhook call that brought it. */
  readonly tx: TransactionContext;
  readonly delivery: Delivery;
  readonly event: Extract<InboundEvent, { kind: 'status' }>;
}

const referencePattern = /^([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\.([1-9]\d{0,5})$/;

/** `{messageId}.{attempt}`, as we put it into the callback URL; null for anything else. Pure. */
export function readReference(reference: string | null): { messageId: string; number: number } | null {
  const [, messageId, number] = referencePattern.exec(reference ?? '') ?? [];
  return messageId && number ? { messageId, number: Number(number) } : null;
}

/** Whose attempt a report tells of: what never changes of it. */
interface ReportedAttempt {
  readonly attemptId: string;
  readonly number: number;
  readonly messageId: string;
  readonly conversationId: string;
  readonly contactPointId: string;
}

// By our own reference, else by the provider's id. `offset 0` has each row looked up by its key: a planner that knows
// nothing of a young table yet would rather walk all messages of the channel.
const find = {
  name: 'attempts_reported',
  text: `select distinct on (r.index) r.index, a.id as "attemptId", a.number, a.message_id as "messageId",
      m.conversation_id as "conversationId", c.contact_point_id as "contactPointId"
    from jsonb_to_recordset($1::jsonb)
      as r(index int, channel_id uuid, provider_id text, message_id uuid, number int)
    cross join lateral (
      select id, number, message_id, 1 as preference from message_attempts
      where message_id = r.message_id and number = r.number
      union all
      select id, number, message_id, 2 from message_attempts where provider_message_id = r.provider_id
    ) a
    cross join lateral (select conversation_id, channel_id from messages where id = a.message_id offset 0) m
    cross join lateral (select contact_point_id from conversations where id = m.conversation_id offset 0) c
    where m.channel_id = r.channel_id
    order by r.index, a.preference`,
};

/** Those that name an attempt of ours. */
export async function findAttempts(
  tx: TransactionContext,
  reports: readonly StatusReport[],
): Promise<ReadonlyMap<StatusReport, ReportedAttempt>> {
  if (reports.length === 0) return new Map();
  const asked = reports.map(({ delivery, event }, index) => {
    const reference = readReference(event.reference);
    return {
      index,
      channel_id: delivery.channel.id,
      provider_id: event.providerId,
      message_id: reference?.messageId ?? null,
      number: reference?.number ?? null,
    };
  });
  const rows = await tx.sql<ReportedAttempt & { index: number }>(find, [JSON.stringify(asked)]);
  return new Map(
    rows.flatMap((row) => (reports[row.index] ? [[reports[row.index] as StatusReport, row]] : [])),
  );
}

/** What reports may change: to be read under the conversations' locks. */
export interface OutboundState {
  readonly messages: ReadonlyMap<string, MessageState>;
  /** The provider's id of each attempt that has one. */
  readonly providerIds: ReadonlyMap<string, string>;
}

interface MessageState {
  readonly status: OutboundStatus;
  readonly errorCode: string | null;
  readonly attempt: number;
  readonly providerId: string | null;
}

const readMessages = {
  name: 'messages_reported',
  text: `select id, status, error_code as "errorCode", attempt, provider_message_id as "providerId"
    from messages where id = any($1)`,
};
const readAttempts = {
  name: 'attempts_bound',
  text: `select id, provider_message_id from message_attempts where id = any($1) and provider_message_id is not null`,
};

export async function readOutbound(
  tx: TransactionContext,
  attempts: readonly ReportedAttempt[],
): Promise<OutboundState> {
  if (attempts.length === 0) return { messages: new Map(), providerIds: new Map() };
  const [messages, bound] = await Promise.all([
    tx.sql<MessageState & { id: string }>(readMessages, [attempts.map(({ messageId }) => messageId)]),
    tx.sql<{ id: string; provider_message_id: string }>(readAttempts, [
      attempts.map(({ attemptId }) => attemptId),
    ]),
  ]);
  return {
    messages: new Map(messages.map(({ id, ...state }) => [id, state])),
    providerIds: new Map(bound.map((row) => [row.id, row.provider_message_id])),
  };
}

const insertStatusEvents = {
  name: 'status_events_insert',
  text: `insert into message_status_events
      (id, workspace_id, message_id, attempt, status, provider_status, error_code, source, delivery_id, occurred_at)
    select e.id, $2, e.message_id, e.attempt, e.status, e.provider_status, e.error_code, 'callback', e.delivery_id,
      e.occurred_at
    from jsonb_to_recordset($1::jsonb) as e(id uuid, message_id uuid, attempt int, status text, provider_status text,
      error_code text, delivery_id uuid, occurred_at timestamptz)
    on conflict (delivery_id) do nothing`,
};
const bindAttempts = {
  name: 'attempts_bind',
  text: `update message_attempts a set provider_message_id = b.provider_id, state = 'accepted', code = null,
      next_lookup_at = null, finished_at = coalesce(a.finished_at, $2)
    from jsonb_to_recordset($1::jsonb) as b(id uuid, provider_id text) where a.id = b.id`,
};
const moveMessages = {
  name: 'messages_move',
  text: `update messages m set status = n.status, error_code = n.error_code, provider_message_id = n.provider_id,
      claimed_at = null, updated_at = $2
    from jsonb_to_recordset($1::jsonb) as n(id uuid, status text, error_code text, provider_id text)
    where m.id = n.id`,
};

/** @param reports in the order in which they came. */
export async function applyReports(
  tx: TransactionContext,
  reports: readonly StatusReport[],
  attempts: ReadonlyMap<StatusReport, ReportedAttempt>,
  outbound: OutboundState,
): Promise<void> {
  const history: object[] = [];
  const states = new Map(outbound.messages);
  const providerIds = new Map(outbound.providerIds);
  const freed = new Set<string>();
  for (const report of reports) {
    const attempt = attempts.get(report);
    const state = attempt && states.get(attempt.messageId);
    if (!attempt || !state) continue;
    const { event, delivery } = report;
    history.push({
      id: newId(),
      message_id: attempt.messageId,
      attempt: attempt.number,
      status: event.status,
      provider_status: event.providerStatus,
      error_code: event.errorCode,
      delivery_id: delivery.id,
      occurred_at: delivery.receivedAt,
    });
    const boundTo = providerIds.get(attempt.attemptId);
    if (boundTo === undefined) providerIds.set(attempt.attemptId, event.providerId);
    else if (boundTo !== event.providerId) continue;
    const moved = fold(state, attempt.number, event);
    if (moved === state) continue;
    states.set(attempt.messageId, moved);
    if (moved.status === state.status) continue;
    report.tx.append(messageStatusChanged, {
      messageId: attempt.messageId,
      conversationId: attempt.conversationId,
      status: moved.status,
      previous: state.status,
      errorCode: moved.errorCode,
    });
    if (state.status === 'pending') freed.add(attempt.conversationId);
  }
  if (history.length === 0) return;
  const bound = Array.from(providerIds).filter(([id]) => !outbound.providerIds.has(id));
  const moved = Array.from(states).filter(([id, state]) => state !== outbound.messages.get(id));
  const now = tx.clock.date();
  await Promise.all([
    tx.sql(insertStatusEvents, [JSON.stringify(history), tx.workspaceId]),
    bound.length > 0 &&
      tx.sql(bindAttempts, [JSON.stringify(bound.map(([id, provider_id]) => ({ id, provider_id }))), now]),
    moved.length > 0 &&
      tx.sql(moveMessages, [
        JSON.stringify(
          moved.map(([id, { status, errorCode, providerId }]) => ({
            id,
            status,
            error_code: errorCode,
            provider_id: providerId,
          })),
        ),
        now,
      ]),
  ]);
  // Its own job would wake them too, only later: it may be busy reconciling.
  for (const conversationId of freed) await wakeNext(tx, conversationId);
  for (const [report, { contactPointId, messageId }] of attempts) {
    const { channel } = report.delivery;
    if (!isOptOutCode(report.tx, channel.provider, report.event.errorCode)) continue;
    await recordProviderOptOut(report.tx, { contactPointId, channelId: channel.id, messageId });
  }
}

/** The same object where the report changes nothing. */
function fold(state: MessageState, number: number, event: StatusReport['event']): MessageState {
  // A word without a meaning still says that the provider has the message.
  const status = foldable(event.status) ?? 'queued';
  const incoming = { status, attempt: number, errorCode: event.errorCode };
  const folded = foldStatus(state, incoming);
  if (folded.status === state.status && folded.errorCode === state.errorCode) return state;
  return {
    status: folded.status,
    errorCode: folded.errorCode,
    attempt: state.attempt,
    providerId: number === state.attempt ? event.providerId : state.providerId,
  };
}
