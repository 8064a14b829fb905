// Finds or makes the conversation of a channel with an address, with its contact and contact point.
import type { TransactionContext } from '../../core/context.ts';
import { newId } from '../../core/identifiers.ts';
import {
  type ChannelSummary,
  type CountryCode,
  isCountryCode,
  type NormalizedPhoneNumber,
  normalizePhoneNumber,
  phoneNumberKey,
} from '../channels/channels.ts';
import { defaultCountry } from '../tenancy/tenancy.ts';
import { recordAi } from './ai-consent.ts';
import { keepOptedOut } from './consent.ts';
import { conversationCreated } from './events.ts';
import { findRefusals } from './suppressions.ts';

export interface ContactAddress {
  /** What the contact point is known by. */
  readonly key: string;
  readonly number: NormalizedPhoneNumber;
}

/** Reads an address as the channel's people write it: in the channel's country, else in the workspace's. */
export async function readAddress(
  tx: TransactionContext,
  channel: ChannelSummary,
  raw: string,
): Promise<ContactAddress> {
  const international = raw.trimStart().startsWith('+');
  const country = international ? null : (channel.country ?? (await defaultCountry(tx)));
  return toAddress(raw, country);
}

/** The same, where the country is known. Pure. */
export function toAddress(raw: string, country: string | null): ContactAddress {
  const plan: CountryCode | null = country && isCountryCode(country) ? country : null;
  const number = normalizePhoneNumber(raw, plan);
  return { key: phoneNumberKey(number), number };
}

// One statement whether they are known or not. What exists is written over with itself, because a conflict that does
// nothing returns nothing, and a row that another transaction just made would be neither seen nor returned.
const open = {
  name: 'conversation_open',
  text: `with point as (
      insert into contact_points (id, workspace_id, contact_id, address, address_original, country, created_at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (workspace_id, address) do update set address = excluded.address
      returning id, contact_id
    ), contact as (
      insert into contacts (id, workspace_id, created_at) select $3, $2, $7 from point where point.contact_id = $3
    )
    insert into conversations
      (id, workspace_id, channel_id, contact_id, contact_point_id, last_message_at, created_at, updated_at)
    select $8, $2, $9, point.contact_id, point.id, $7, $7, $7 from point
    on conflict (channel_id, contact_point_id) do update set channel_id = excluded.channel_id
    returning id, contact_id`,
};

export async function openConversation(
  tx: TransactionContext,
  channel: ChannelSummary,
  { key, number }: ContactAddress,
  at: Date,
): Promise<string> {
  const [conversationId, contactPointId, contactId] = [newId(), newId(), newId()];
  const [row] = await tx.sql<{ id: string; contact_id: string }>(open, [
    contactPointId,
    tx.workspaceId,
    contactId,
    key,
    number.original.toWellFormed().replaceAll('\0', ''),
    number.country,
    at,
    conversationId,
    channel.id,
  ]);
  if (!row) throw new Error('no conversation was opened');
  if (row.id === conversationId) {
    tx.append(conversationCreated, {
      conversationId,
      channelId: channel.id,
      contactId: row.contact_id,
    });
    if (row.contact_id === contactId)
      await bringBackRefusals(tx, { contactId, contactPointId, address: key });
  }
  return row.id;
}

/** A stranger whose address refused something before its contact was erased: that holds still. */
async function bringBackRefusals(
  tx: TransactionContext,
  stranger: { readonly contactId: string; readonly contactPointId: string; readonly address: string },
): Promise<void> {
  const { contactId, contactPointId, address } = stranger;
  const refused = await findRefusals(tx, address);
  if (refused?.optedOut) await keepOptedOut(tx, contactPointId);
  if (refused?.aiRefused) await recordAi(tx, { contactId, consent: 'refused', source: 'kept' });
}
