// The phone of the demo workspace: handsets with numbers of their own, which text the workspace's numbers through the
// simulated carrier and see what it delivers to them. What is real about it is everything behind the carrier.
import { readFile } from 'node:fs/promises';
import type {
  Handset,
  HandsetMessage,
  HandsetThread,
  Phone,
  PhoneFaults,
  TextFromHandset,
} from '@parley/contract/phone';
import { type Context, definePort, type TransactionContext } from '../../core/context.ts';
import { notFound, ParleyError, validationError } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import { livePort } from '../../core/realtime/live.ts';
import { openMessage } from '../conversations/conversations.ts';

export { beginStories, endStories } from './stories.ts';

/** A text as the carrier has it. */
export interface LineMessage extends Omit<HandsetMessage, 'media' | 'at'> {
  /** The picture that was sent with it. */
  readonly picture: string | null;
  /** Files came with it. */
  readonly hasMedia: boolean;
  readonly at: Date;
}

/** The simulated carrier, as its handsets see it. */
export interface PhoneLine {
  /** The carrier's account whose numbers can be texted. */
  readonly accountId: string;
  readonly handsets: readonly Handset[];
  /** All that a handset sent and was sent, oldest first. */
  messages(handset: string): readonly LineMessage[];
  /** Resolves when the workspace's number has answered, or at once while webhooks come late. */
  text(input: {
    readonly from: string;
    readonly to: string;
    readonly body: string;
    readonly picture: { readonly name: string; readonly contentType: string; readonly body: Buffer } | null;
  }): Promise<LineMessage>;
  faults(): PhoneFaults;
  setFaults(faults: PhoneFaults): void;
  /** Calls back when a handset has something new from or to that number. Returns how to stop. */
  watch(listener: (change: { readonly handset: string; readonly peer: string }) => void): () => void;
}

/** Null in a process without a simulated carrier. */
export const phoneLine = definePort<PhoneLine | null>('phone line');

/** Drawn for Parley; what a handset can send besides text. */
const pictureNames = ['birthday-cake', 'sourdough', 'receipt'];
const pictureType = 'image/jpeg';
const threadLength = 200;
const readPermission = 'conversations:read';

const unavailable = () =>
  new ParleyError({
    status: 404,
    code: 'phone_unavailable',
    message: 'The phone is part of the demo: this workspace has no number at a simulated carrier.',
  });

interface NumberRow {
  id: string;
  address: string;
  name: string;
  gone: boolean;
}

/** The line with the workspace's numbers on it. @throws ParleyError 404 `phone_unavailable` */
async function openLine(ctx: Context): Promise<{ line: PhoneLine; numbers: Phone['numbers'] }> {
  const line = ctx.use(phoneLine);
  if (!line) throw unavailable();
  const rows = await ctx.transaction((tx) =>
    tx.sql<NumberRow>(
      `select id, address, name, deleted_at is not null as gone from channels
       where workspace_id = $1 and account_id = $2 order by created_at, id`,
      [tx.workspaceId, line.accountId],
    ),
  );
  if (rows.length === 0) throw unavailable();
  const numbers = rows
    .filter(({ gone }) => !gone)
    .map(({ id, address, name }) => ({ channelId: id, address, name }));
  return { line, numbers };
}

/** @throws ParleyError 404 `phone_unavailable` */
export async function readPhone(ctx: Context): Promise<Phone> {
  const { line, numbers } = await openLine(ctx);
  const pictures = pictureNames.map((name) => ({ name, url: pictureUrl(name) }));
  return { handsets: [...line.handsets], numbers, pictures };
}

const pictureUrl = (name: string) => `/api/v1/phone/pictures/${name}`;

/** @throws ParleyError 404 */
export async function readPicture(
  ctx: Context,
  name: string,
): Promise<{ contentType: string; body: Buffer }> {
  await openLine(ctx);
  return openPicture(name);
}

async function openPicture(name: string): Promise<{ contentType: string; body: Buffer }> {
  if (!pictureNames.includes(name)) throw notFound('picture');
  const body = await readFile(new URL(`./pictures/${name}.jpg`, import.meta.url));
  return { contentType: pictureType, body };
}

async function openHandset(ctx: Context, number: string) {
  const opened = await openLine(ctx);
  if (!opened.line.handsets.some((handset) => handset.number === number)) throw notFound('handset');
  return opened;
}

/** What the handset sent and was sent, also before this process started. @throws ParleyError 404 */
export async function readThread(ctx: Context, number: string): Promise<HandsetThread> {
  const { line } = await openHandset(ctx, number);
  const carried = line.messages(number).slice(-threadLength);
  const { earlier, media } = await ctx.transaction(async (tx) => {
    const known = carried.map(({ id }) => id);
    const withMedia = carried.filter(({ hasMedia }) => hasMedia).map(({ id }) => id);
    return {
      earlier: await readEarlier(tx, line.accountId, number, known),
      media: withMedia.length === 0 ? new Map() : await readMedia(tx, line.accountId, withMedia),
    };
  });
  const items = [...earlier, ...carried.map((message) => toHandsetMessage(message, media))];
  return { items: items.toSorted((one, other) => (one.at < other.at ? -1 : 1)).slice(-threadLength) };
}

type Media = HandsetMessage['media'];

function toHandsetMessage(
  { picture, hasMedia: _, at, ...message }: LineMessage,
  received: ReadonlyMap<string, Media>,
): HandsetMessage {
  const sent = picture === null ? [] : [{ url: pictureUrl(picture), contentType: pictureType }];
  return { ...message, media: received.get(message.id) ?? sent, at: at.toISOString() };
}

const mediaOf = (message: string) => `(
  select coalesce(jsonb_agg(jsonb_build_object('url', '/api/v1/media/' || f.id, 'contentType', f.content_type)
    order by f.position), '[]')
  from message_media f where f.message_id = ${message}.id and f.status = 'stored') as media`;

async function readMedia(
  tx: TransactionContext,
  accountId: string,
  providerIds: readonly string[],
): Promise<Map<string, Media>> {
  const rows = await tx.sql<{ provider_message_id: string; media: Media }>(
    `select m.provider_message_id, ${mediaOf('m')} from channels ch
     join messages m on m.channel_id = ch.id and m.provider_message_id = any($3)
     where ch.workspace_id = $1 and ch.account_id = $2`,
    [tx.workspaceId, accountId, providerIds],
  );
  return new Map(rows.map(({ provider_message_id, media }) => [provider_message_id, media]));
}

interface EarlierRow {
  id: string;
  provider_message_id: string;
  direction: 'inbound' | 'outbound';
  from_address: string;
  to_address: string;
  content: Uint8Array;
  status: string;
  created_at: Date | string;
  media: Media;
}

const carrierWords: ReadonlySet<string> = new Set(['queued', 'sending', 'sent', 'undelivered', 'failed']);

/** The carrier forgets when its process ends; what Parley had with it by then, it kept. */
async function readEarlier(
  tx: TransactionContext,
  accountId: string,
  number: string,
  knownIds: readonly string[],
): Promise<HandsetMessage[]> {
  const rows = await tx.sql<EarlierRow>(
    `select m.id, m.provider_message_id, m.direction, m.from_address, m.to_address, m.content, m.status, m.created_at,
       ${mediaOf('m')}
     from contact_points p join conversations c on c.contact_point_id = p.id
     join channels ch on ch.id = c.channel_id and ch.account_id = $3
     join messages m on m.conversation_id = c.id
     where p.workspace_id = $1 and p.address = $2 and m.provider_message_id is not null
       and m.provider_message_id <> all($4)
     order by m.created_at desc, m.id desc limit $5`,
    [tx.workspaceId, number, accountId, knownIds, threadLength],
  );
  return rows.map((row) => {
    const isSent = row.direction === 'inbound';
    return {
      id: row.provider_message_id,
      peer: isSent ? row.to_address : row.from_address,
      direction: isSent ? 'sent' : 'received',
      body: openMessage(tx, row.id, row.content),
      media: row.media,
      status: isSent ? 'accepted' : carrierWords.has(row.status) ? row.status : 'delivered',
      at: new Date(row.created_at).toISOString(),
    } as HandsetMessage;
  });
}

/** @throws ParleyError 400 for a number that is none of the workspace's; 404 */
export async function textFrom(
  ctx: Context,
  number: string,
  input: TextFromHandset,
): Promise<HandsetMessage> {
  const { line, numbers } = await openHandset(ctx, number);
  const { to, body = '' } = input;
  if (!numbers.some(({ address }) => address === to)) {
    throw validationError('This number cannot be texted.', [
      { path: 'body.to', message: 'is no number of this workspace' },
    ]);
  }
  const picture =
    input.picture === undefined ? null : { name: input.picture, ...(await openPicture(input.picture)) };
  return toHandsetMessage(await line.text({ from: number, to, body, picture }), new Map());
}

/** @throws ParleyError 404 `phone_unavailable` */
export async function readFaults(ctx: Context): Promise<PhoneFaults> {
  return (await openLine(ctx)).line.faults();
}

/** @throws ParleyError 404 `phone_unavailable` */
export async function changeFaults(ctx: Context, faults: PhoneFaults): Promise<PhoneFaults> {
  const { line } = await openLine(ctx);
  line.setFaults(faults);
  return line.faults();
}

/** Tells the members who look that a handset has something new. Returns how to stop. */
export function announceChanges(kernel: Kernel): () => void {
  const line = kernel.use(phoneLine);
  if (!line) return () => undefined;
  return line.watch(({ handset, peer }) => {
    findWorkspace(kernel, line.accountId, peer).then(
      (workspaceId) => {
        if (!workspaceId) return;
        const frame = { kind: 'phone_changed' as const, handset };
        kernel.use(livePort).publish(workspaceId, frame, readPermission);
      },
      (error: unknown) => kernel.log.debug({ err: error }, 'a change of a handset could not be told'),
    );
  });
}

async function findWorkspace(
  { database }: Kernel,
  accountId: string,
  address: string,
): Promise<string | undefined> {
  const [row] = await database.asSystem((queries) =>
    queries.sql<{ workspace_id: string }>(
      'select workspace_id from channels where account_id = $1 and address = $2 and deleted_at is null',
      [accountId, address],
    ),
  );
  return row?.workspace_id;
}
