// Products and interactions as numbers, for learning. They are read page by page, each in a transaction of its own, so that
// nothing waits for a training: neither the database nor whoever else lives in the process.
import type { InteractionKind } from '@parley/contract/commerce';
import type { Context } from '../../core/context.ts';
import type { Interactions } from '../../learning/recommendation/interactions.ts';
import type { ItemDescription } from '../../learning/recommendation/item-features.ts';
import {
  type Recommender,
  trainRecommender,
  updateRecommender,
} from '../../learning/recommendation/recommender.ts';
import { type Person, STRENGTHS } from './interactions.ts';

/** Whom and what a model numbers, each by its place in the list. */
export interface Roster {
  readonly products: readonly string[];
  readonly people: readonly string[];
  /** Until when interactions were recorded that it learned from, in milliseconds since 1970. */
  readonly learnedUntil: number;
}

export interface TrainingSet {
  readonly roster: Roster;
  readonly items: readonly ItemDescription[];
  readonly interactions: Interactions;
  /** How many older interactions there are. */
  readonly leftOut: number;
  /** The first day of what the roster before did not know. */
  readonly since: number;
  readonly today: number;
}

export interface ReadOptions {
  /** Stops between two pages. */
  readonly signal?: AbortSignal;
  /** The newest ones are learned from; a million unless given. */
  readonly interactionsMax?: number;
  readonly pageSize?: number;
}

const DAY_MS = 86_400_000;
/** Each takes 20 bytes here, and about 60 at the height of the training: 80 MB in all. */
const INTERACTIONS_MAX = 1_000_000;
const PAGE_SIZE = 5_000;
/** What was recorded so shortly before the reading began may be committed after it, and is new to the next update too. */
const COMMIT_MS_MAX = 60_000;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** How somebody is called in a roster; null for nobody in particular. */
export function personKey({ contactId, outsideHash }: Person): string | null {
  if (contactId !== null) return `contact ${contactId}`;
  return outsideHash === null ? null : `outside ${outsideHash}`;
}

/** What `previous` numbers keeps its number. @throws when the signal aborts */
export async function readTrainingSet(
  ctx: Context,
  previous: Roster | null,
  { signal, interactionsMax = INTERACTIONS_MAX, pageSize = PAGE_SIZE }: ReadOptions = {},
): Promise<TrainingSet> {
  const beganAt = ctx.clock.now();
  const described = new Map<string, ItemDescription>();
  for await (const { id, sku, name, description, price_minor } of productsOf(ctx, pageSize)) {
    signal?.throwIfAborted();
    described.set(id, { text: `${name} ${description}`, code: sku, price: price_minor });
  }
  const products = numbering([...(previous?.products ?? []), ...described.keys()]);
  const people = numbering(previous?.people ?? []);
  const learnedUntil = previous?.learnedUntil ?? 0;
  let since = Number.POSITIVE_INFINITY;
  let room = roomFor(Math.min(pageSize, interactionsMax));
  let count = 0;
  let last: InteractionRow | null = null;
  for await (const row of interactionsOf(ctx, pageSize, interactionsMax)) {
    signal?.throwIfAborted();
    last = row;
    const item = products.get(row.product_id);
    const key = personKey({ contactId: row.contact_id, outsideHash: row.outside_hash });
    // A product that is newer than the reading, or somebody whose id was recorded plain since it began, by a version before.
    if (item === undefined || key === null) continue;
    if (count === room.users.length) room = grown(room, Math.min(2 * count, interactionsMax));
    const user = people.get(key) ?? people.size;
    people.set(key, user);
    const day = millisecondsOf(row.happened_at) / DAY_MS;
    if (millisecondsOf(row.recorded_at) > learnedUntil) since = Math.min(since, day);
    room.users[count] = user;
    room.items[count] = item;
    room.days[count] = day;
    room.strengths[count] = STRENGTHS[row.kind];
    count += 1;
  }
  const leftOut = last === null ? 0 : await countOlder(ctx, last);
  return {
    roster: {
      products: [...products.keys()],
      people: [...people.keys()],
      learnedUntil: Math.max(learnedUntil, beganAt - COMMIT_MS_MAX),
    },
    items: Array.from(products.keys(), (id) => described.get(id) ?? { text: '', code: '', price: null }),
    interactions: { userCount: people.size, itemCount: products.size, ...grown(room, count) },
    leftOut,
    since,
    today: beganAt / DAY_MS,
  };
}

/** Learns everything anew, or goes on from a model. */
export function learnFrom(
  { interactions, items, since, today }: TrainingSet,
  previous: Recommender | null,
  seed: number,
): Generator<number, Recommender> {
  if (previous === null) return trainRecommender({ interactions, items, today, seed });
  return updateRecommender({ interactions, items, today, seed, previous, since });
}

interface ProductRow {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly price_minor: number | null;
}

async function* productsOf(ctx: Context, pageSize: number): AsyncGenerator<ProductRow> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await ctx.transaction((tx) =>
      tx.sql<ProductRow>(
        `select id, sku, name, description, price_minor from products where workspace_id = $1 and id > $2
         order by id limit $3`,
        [tx.workspaceId, after, pageSize],
      ),
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.id;
  }
}

interface InteractionRow {
  readonly id: string;
  readonly product_id: string;
  readonly contact_id: string | null;
  readonly outside_hash: string | null;
  readonly kind: InteractionKind;
  readonly happened_at: Date | string;
  readonly recorded_at: Date | string;
  /** To the microsecond, as the database compares it. */
  readonly moment: string;
}

/** The newest first, so many at most. */
async function* interactionsOf(ctx: Context, pageSize: number, max: number): AsyncGenerator<InteractionRow> {
  let before = { moment: 'infinity', id: LAST_ID };
  for (let read = 0; read < max; ) {
    const limit = Math.min(pageSize, max - read);
    const rows = await ctx.transaction((tx) =>
      tx.sql<InteractionRow>(
        `select id, product_id, contact_id, outside_hash, kind, happened_at, recorded_at, happened_at::text as moment
         from interactions where workspace_id = $1 and (happened_at, id) < ($2::timestamptz, $3::uuid)
         order by happened_at desc, id desc limit $4`,
        [tx.workspaceId, before.moment, before.id, limit],
      ),
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < limit) return;
    before = last;
    read += rows.length;
  }
}

async function countOlder(ctx: Context, { moment, id }: InteractionRow): Promise<number> {
  const [row] = await ctx.transaction((tx) =>
    tx.sql<{ count: number }>(
      `select count(*)::int as count from interactions
       where workspace_id = $1 and (happened_at, id) < ($2::timestamptz, $3::uuid)`,
      [tx.workspaceId, moment, id],
    ),
  );
  return row?.count ?? 0;
}

type Columns = Pick<Interactions, 'users' | 'items' | 'days' | 'strengths'>;

const roomFor = (length: number): Columns => ({
  users: new Uint32Array(length),
  items: new Uint32Array(length),
  days: new Float64Array(length),
  strengths: new Float32Array(length),
});

/** Cut to or filled up to a length. */
function grown({ users, items, days, strengths }: Columns, length: number): Columns {
  const room = roomFor(length);
  room.users.set(users.subarray(0, length));
  room.items.set(items.subarray(0, length));
  room.days.set(days.subarray(0, length));
  room.strengths.set(strengths.subarray(0, length));
  return room;
}

const millisecondsOf = (moment: Date | string) => new Date(moment).getTime();

function numbering(names: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size);
  return numbers;
}
