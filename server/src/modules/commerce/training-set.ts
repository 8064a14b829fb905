// Products and interactions as numbers, for learning.
import type { InteractionKind } from '@parley/contract/commerce';
import type { TransactionContext } from '../../core/context.ts';
import type { Interactions } from '../../learning/recommendation/interactions.ts';
import type { ItemDescription } from '../../learning/recommendation/item-features.ts';
import {
  type Recommender,
  trainRecommender,
  updateRecommender,
} from '../../learning/recommendation/recommender.ts';
import { STRENGTHS } from './interactions.ts';

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
  /** The first day of what the roster before did not know. */
  readonly since: number;
  readonly today: number;
}

const DAY_MS = 86_400_000;
/** The newest ones are learned from. */
const INTERACTIONS_MAX = 1_000_000;

/** How somebody is called in a roster. */
export const personKey = (contactId: string | null, outsideId: string | null) =>
  contactId === null ? `outside ${outsideId}` : `contact ${contactId}`;

/** What `previous` numbers keeps its number. */
export async function readTrainingSet(tx: TransactionContext, previous: Roster | null): Promise<TrainingSet> {
  const products = await tx.sql<{
    id: string;
    sku: string;
    name: string;
    description: string;
    price_minor: number | null;
  }>('select id, sku, name, description, price_minor from products where workspace_id = $1 order by id', [
    tx.workspaceId,
  ]);
  const rows = await tx.sql<{
    product_id: string;
    contact_id: string | null;
    outside_id: string | null;
    kind: InteractionKind;
    happened_at: Date | string;
    recorded_at: Date | string;
  }>(
    `select product_id, contact_id, outside_id, kind, happened_at, recorded_at from interactions
     where workspace_id = $1 order by happened_at desc, id desc limit ${INTERACTIONS_MAX}`,
    [tx.workspaceId],
  );
  const productNumbers = numbering([...(previous?.products ?? []), ...products.map(({ id }) => id)]);
  const keys = rows.map((row) => personKey(row.contact_id, row.outside_id));
  const peopleNumbers = numbering([...(previous?.people ?? []), ...keys]);
  const described = new Map(products.map((row) => [row.id, row]));
  const recorded = rows.map((row) => new Date(row.recorded_at).getTime());
  const days = Float64Array.from(rows, (row) => new Date(row.happened_at).getTime() / DAY_MS);
  const learnedUntil = previous?.learnedUntil ?? 0;
  return {
    roster: {
      products: [...productNumbers.keys()],
      people: [...peopleNumbers.keys()],
      learnedUntil: recorded.reduce((latest, moment) => Math.max(latest, moment), learnedUntil),
    },
    items: [...productNumbers.keys()].map((id) => {
      const row = described.get(id);
      return {
        text: row === undefined ? '' : `${row.name} ${row.description}`,
        code: row?.sku ?? '',
        price: row?.price_minor ?? null,
      };
    }),
    interactions: {
      userCount: peopleNumbers.size,
      itemCount: productNumbers.size,
      users: Uint32Array.from(keys, (key) => peopleNumbers.get(key) as number),
      items: Uint32Array.from(rows, (row) => productNumbers.get(row.product_id) as number),
      days,
      strengths: Float32Array.from(rows, ({ kind }) => STRENGTHS[kind]),
    },
    since: days.reduce(
      (first, day, at) => ((recorded[at] as number) > learnedUntil ? Math.min(first, day) : first),
      Infinity,
    ),
    today: tx.clock.now() / DAY_MS,
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

function numbering(names: readonly string[]): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size);
  return numbers;
}
