// What somebody is recommended, and why.
import type {
  InteractionKind,
  RecommendationQuery,
  RecommendationReason,
  Recommendations,
} from '@parley/contract/commerce';
import { and, eq, gte, inArray, isNull, lte } from 'drizzle-orm';
import type { Context, TransactionContext } from '../../core/context.ts';
import { wordsOf } from '../../learning/recommendation/item-features.ts';
import type { Reason } from '../../learning/recommendation/recommend.ts';
import type { SparseVector } from '../../learning/sparse.ts';
import { stem } from '../../learning/stem.ts';
import { type Person, personOf, STRENGTHS } from './interactions.ts';
import { type OpenModel, openLiveModel } from './live.ts';
import { type ProductRow, toProduct } from './products.ts';
import { products } from './tables.ts';
import { personKey } from './training-set.ts';

const HISTORY_MAX = 2_000;
const POPULAR_DAYS = 30;
const WORDS_MAX = 5;

interface Past {
  readonly productId: string;
  readonly kind: InteractionKind;
}

interface Choice {
  readonly productId: string;
  readonly kind: RecommendationReason['kind'];
  readonly likeId: string | null;
}

/** @throws ParleyError 404 when there is no such contact */
export async function recommend(ctx: Context, query: RecommendationQuery): Promise<Recommendations> {
  const model = await openLiveModel(ctx);
  return ctx.transaction(async (tx) => {
    const person = await personOf(tx, query);
    const past = await readPast(tx, person);
    const allowed = await allowedProducts(tx, query, past);
    const choices = model ? ask(model, query, person, past, allowed) : await popular(tx, query, allowed);
    return { items: await describe(tx, choices), modelVersion: model?.version ?? null };
  });
}

async function readPast(tx: TransactionContext, { contactId, outsideHash }: Person): Promise<Past[]> {
  if (contactId === null && outsideHash === null) return [];
  return tx.sql<Past>(
    `select product_id as "productId", kind from interactions
     where workspace_id = $1 and ${contactId === null ? 'outside_hash = $2' : 'contact_id = $2'}
     order by happened_at desc, id desc limit ${HISTORY_MAX}`,
    [tx.workspaceId, contactId ?? outsideHash],
  );
}

async function allowedProducts(
  tx: TransactionContext,
  { inStock, bought, priceMin, priceMax }: RecommendationQuery,
  past: readonly Past[],
): Promise<Set<string>> {
  const rows = await tx.drizzle
    .select({ id: products.id })
    .from(products)
    .where(
      and(
        eq(products.workspaceId, tx.workspaceId),
        isNull(products.archivedAt),
        inStock ? eq(products.inStock, true) : undefined,
        priceMin === undefined ? undefined : gte(products.priceMinor, priceMin),
        priceMax === undefined ? undefined : lte(products.priceMinor, priceMax),
      ),
    );
  const allowed = new Set(rows.map(({ id }) => id));
  if (!bought) for (const { productId, kind } of past) if (kind === 'purchase') allowed.delete(productId);
  return allowed;
}

function ask(
  { scorer, roster, productNumbers, peopleNumbers }: OpenModel,
  { limit }: RecommendationQuery,
  person: Person,
  past: readonly Past[],
  allowed: ReadonlySet<string>,
): Choice[] {
  const key = personKey(person);
  const user = key === null ? null : (peopleNumbers.get(key) ?? null);
  const idOf = (item: number) => roster.products[item] as string;
  const best = scorer.recommend(
    { history: historyOf(past, productNumbers), user },
    { limit, allows: (item) => allowed.has(idOf(item)) },
  );
  const likeOf = (reason: Reason) => ('like' in reason ? idOf(reason.like) : null);
  return best.map(({ item, reason }) => ({
    productId: idOf(item),
    kind: reason.kind,
    likeId: likeOf(reason),
  }));
}

function historyOf(past: readonly Past[], numbers: ReadonlyMap<string, number>): SparseVector {
  const strengths = new Map<number, number>();
  for (const { productId, kind } of past) {
    const item = numbers.get(productId);
    if (item !== undefined) strengths.set(item, Math.max(strengths.get(item) ?? 0, STRENGTHS[kind]));
  }
  const columns = Uint32Array.from(strengths.keys()).sort();
  return { columns, values: Float32Array.from(columns, (item) => strengths.get(item) as number) };
}

/** Before there is a model: what most people had to do with lately, then what is newest. */
async function popular(
  tx: TransactionContext,
  { limit }: RecommendationQuery,
  allowed: ReadonlySet<string>,
): Promise<Choice[]> {
  const rows = await tx.sql<{ id: string; count: number }>(
    `select p.id, count(i.id)::int as count from products p
     left join interactions i on i.product_id = p.id and i.happened_at > $2
     where p.workspace_id = $1 and p.id = any($3::uuid[])
     group by p.id order by count desc, p.id desc limit $4`,
    [tx.workspaceId, new Date(tx.clock.now() - POPULAR_DAYS * 86_400_000), [...allowed], limit],
  );
  return rows.map(({ id, count }) => ({ productId: id, kind: count > 0 ? 'popular' : 'new', likeId: null }));
}

async function describe(
  tx: TransactionContext,
  choices: readonly Choice[],
): Promise<Recommendations['items']> {
  const ids = [...new Set(choices.flatMap(({ productId, likeId }) => [productId, likeId ?? productId]))];
  const rows =
    ids.length === 0 ? [] : await tx.drizzle.select().from(products).where(inArray(products.id, ids));
  const byId = new Map(rows.map((row) => [row.id, row]));
  return choices.flatMap(({ productId, kind, likeId }) => {
    const row = byId.get(productId);
    const like = likeId === null ? undefined : byId.get(likeId);
    if (!row) return [];
    const reason = {
      kind,
      product: like ? { id: like.id, name: like.name } : null,
      words: like && kind === 'alike' ? sharedWords(row, like) : [],
    };
    return [{ product: toProduct(row), reason }];
  });
}

/** As they are written in the first of the two. */
function sharedWords(row: ProductRow, like: ProductRow): string[] {
  const stems = new Set(wordsOf(`${like.name} ${like.description}`).map(stem));
  return wordsOf(`${row.name} ${row.description}`)
    .filter((word) => stems.has(stem(word)))
    .slice(0, WORDS_MAX);
}
