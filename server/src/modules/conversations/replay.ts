// Rebuilds a conversation in memory from the journal, by the same pure functions that made it, and compares it with what
// is stored. Our own outbound messages and what providers answered to us are not in the journal: those rows are taken as
// they stand, and everything that callbacks say is folded onto them anew.
import type { Context } from '../../core/context.ts';
import type { InboundEvent } from '../channels/adapter.ts';
import { countSegments } from '../channels/channels.ts';
import { defaultCountry } from '../tenancy/tenancy.ts';
import { keywordOf } from './consent.ts';
import { type FoldedState, foldable, foldStatus, isOutboundStatus } from './delivery-state.ts';
import { toAddress } from './open-conversation.ts';
import { readReference } from './receive-reports.ts';
import { type Journaled, readJournal, readStored, type Stored } from './replay-read.ts';

export interface Replay {
  readonly equal: boolean;
  /** In words, without content. */
  readonly differences: readonly string[];
  readonly deliveries: number;
  readonly messages: number;
}

/** @throws ParleyError 404 */
export async function replayConversation(ctx: Context, conversationId: string): Promise<Replay> {
  const stored = await ctx.transaction((tx) => readStored(tx, conversationId));
  const journaled = await readJournal(ctx, stored.conversation.channelId);
  const country = stored.channelCountry ?? (await defaultCountry(ctx));
  const differences = [
    ...compareInbound(stored, journaled, country),
    ...compareOutbound(stored, journaled),
    ...compareConsent(stored, journaled, country),
  ];
  return {
    equal: differences.length === 0,
    differences,
    deliveries: journaled.length,
    messages: stored.messages.length,
  };
}

/** The messages that the contact of this conversation sent, each once. */
function inboundOf(stored: Stored, journaled: readonly Journaled[], country: string | null) {
  const found = new Map<string, Journaled & { event: Extract<InboundEvent, { kind: 'message' }> }>();
  for (const { event, ...delivery } of journaled) {
    if (event.kind !== 'message' || found.has(event.providerId)) continue;
    if (toAddress(event.from, country).key === stored.point.address)
      found.set(event.providerId, { ...delivery, event });
  }
  return found;
}

function compareInbound(stored: Stored, journaled: readonly Journaled[], country: string | null): string[] {
  const differences: string[] = [];
  const rebuilt = inboundOf(stored, journaled, country);
  const inbound = stored.messages.filter((message) => message.direction === 'inbound');
  const known = new Map(inbound.map((message) => [message.providerMessageId ?? '', message]));
  for (const [providerId, { event, receivedAt }] of rebuilt) {
    const message = known.get(providerId);
    if (!message) {
      differences.push(`inbound message ${providerId} is in the journal and not stored`);
      continue;
    }
    const { encoding, segments } = countSegments(event.body);
    const expected = {
      body: event.body,
      from: stored.point.address,
      to: event.to,
      status: 'received',
      encoding,
      segments,
      media: event.media.length,
      createdAt: receivedAt.toISOString(),
    };
    const actual = {
      body: message.body,
      from: message.fromAddress,
      to: message.toAddress,
      status: message.status,
      encoding: message.encoding,
      segments: message.segments,
      media: stored.mediaCounts.get(message.id) ?? 0,
      createdAt: message.createdAt.toISOString(),
    };
    differences.push(...differ(`inbound message ${message.id}`, expected, actual));
  }
  for (const message of inbound) {
    if (!rebuilt.has(message.providerMessageId ?? ''))
      differences.push(`inbound message ${message.id} is stored and not in the journal`);
  }
  const newest = [...rebuilt.values()].reduce(
    (max, { receivedAt }) => Math.max(max, receivedAt.getTime()),
    0,
  );
  const lastInboundAt = stored.conversation.lastInboundAt?.getTime() ?? 0;
  if (newest !== lastInboundAt)
    differences.push('the conversation: the moment of the last inbound message differs');
  return differences;
}

/** Names what differs, and not how: values are content. */
function differ(what: string, expected: Record<string, unknown>, actual: Record<string, unknown>): string[] {
  return Object.keys(expected)
    .filter((name) => expected[name] !== actual[name])
    .map((name) => `${what}: ${name} differs`);
}

function compareOutbound(stored: Stored, journaled: readonly Journaled[]): string[] {
  const differences: string[] = [];
  const outbound = stored.messages.filter((message) => message.direction === 'outbound');
  const callbacks = callbacksOf(stored, journaled);
  const journaledIds = new Set(callbacks.map(({ deliveryId }) => deliveryId));
  const storedIds = new Set<string>();
  for (const event of stored.events) {
    if (event.source !== 'callback' || !event.deliveryId) continue;
    storedIds.add(event.deliveryId);
    if (!journaledIds.has(event.deliveryId))
      differences.push(`status event ${event.id} is stored and not in the journal`);
  }
  for (const { deliveryId } of callbacks) {
    if (!storedIds.has(deliveryId))
      differences.push(`status report ${deliveryId} is in the journal and not stored`);
  }
  for (const message of outbound) {
    if (!isOutboundStatus(message.status)) {
      differences.push(`outbound message ${message.id}: its status is none of an outbound message`);
      continue;
    }
    const own = stored.events.filter(
      (event) => event.messageId === message.id && event.source !== 'callback',
    );
    const isApproved = own.some((event) => event.attempt === 1 && event.status === 'pending');
    const start: FoldedState = {
      status: message.status === 'draft' || isApproved ? 'draft' : 'pending',
      attempt: 1,
      errorCode: null,
    };
    const steps = [
      ...own.map(({ status, ...event }) => ({
        attempt: event.attempt,
        errorCode: event.errorCode,
        status:
          isOutboundStatus(status) && (status !== 'unknown' || event.source === 'parley') ? status : 'queued',
      })),
      // An attempt that was asked for is a step: after a failure, it starts over.
      ...stored.attempts
        .filter((attempt) => attempt.messageId === message.id)
        .map(({ number }) => ({ attempt: number, errorCode: null, status: 'pending' as const })),
      ...callbacks.filter(({ messageId }) => messageId === message.id),
    ];
    const folded = steps.reduce<FoldedState>(foldStatus, start);
    differences.push(
      ...differ(
        `outbound message ${message.id}`,
        { status: folded.status, errorCode: folded.errorCode },
        { status: message.status, errorCode: message.errorCode },
      ),
    );
  }
  return differences;
}

/** The status reports in the journal that belong to this conversation's attempts. */
function callbacksOf(stored: Stored, journaled: readonly Journaled[]) {
  const byReference = new Map(
    stored.attempts.map((attempt) => [`${attempt.messageId}.${attempt.number}`, attempt]),
  );
  const byProviderId = new Map(stored.attempts.map((attempt) => [attempt.providerMessageId ?? '', attempt]));
  return journaled.flatMap(({ event, deliveryId }) => {
    if (event.kind !== 'status') return [];
    const reference = readReference(event.reference);
    const attempt =
      (reference && byReference.get(`${reference.messageId}.${reference.number}`)) ??
      byProviderId.get(event.providerId);
    if (!attempt) return [];
    const status = foldable(event.status) ?? ('queued' as const);
    return [
      {
        deliveryId,
        messageId: attempt.messageId,
        attempt: attempt.number,
        status,
        errorCode: event.errorCode,
      },
    ];
  });
}

/** Every keyword in the journal stands in the ledger, and the ledger's last word is what holds. */
function compareConsent(stored: Stored, journaled: readonly Journaled[], country: string | null): string[] {
  const differences: string[] = [];
  const proofs = new Set(stored.ledger.map((entry) => entry.messageId));
  const ids = new Map(stored.messages.map((message) => [message.providerMessageId, message.id]));
  for (const [providerId, { event }] of inboundOf(stored, journaled, country)) {
    // A plain "yes" counts only from who is opted out at that moment; the unmistakable words count always.
    if (keywordOf(event.body, false) && !proofs.has(ids.get(providerId) ?? ''))
      differences.push(`inbound message ${providerId} is an opt-out word and not in the ledger`);
  }
  const last = stored.ledger.findLast((entry) => entry.action !== 'help');
  if ((last?.action === 'opt_out') !== (stored.point.optedOutAt !== null))
    differences.push('the contact point: its consent is not what the ledger says last');
  return differences;
}
