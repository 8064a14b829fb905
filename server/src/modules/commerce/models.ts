// The trained models of recommendations: kept sealed in their rows, and opened once per process.
import { and, eq, lt, ne } from 'drizzle-orm';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { definePort } from '../../core/context.ts';
import { Scorer } from '../../learning/recommendation/recommend.ts';
import type { Recommender } from '../../learning/recommendation/recommender.ts';
import { readRecommender, writeRecommender } from '../../learning/recommendation/recommender-file.ts';
import { recommenders } from './tables.ts';
import type { Roster } from './training-set.ts';

export const modelPlace = (id: string) => `recommenders.model:${id}`;
export const rosterPlace = (id: string) => `recommenders.roster:${id}`;

/** A model as it is asked. */
export interface OpenModel {
  readonly version: number;
  readonly model: Recommender;
  readonly scorer: Scorer;
  readonly roster: Roster;
  readonly productNumbers: ReadonlyMap<string, number>;
  readonly peopleNumbers: ReadonlyMap<string, number>;
}

const rosterSchema = z.object({
  products: z.array(z.string()),
  people: z.array(z.string()),
  learnedUntil: z.number(),
});

/** Opened models by their rows; the least used go first. */
export type OpenModels = Map<string, OpenModel>;
export const openModels = definePort<OpenModels>('open models of recommendations');
const OPEN_MAX = 20;
/** The bytes of so many versions before the one in use are kept. */
const VERSIONS_KEPT = 2;

/** The one in use; null where there is none. A damaged one is told of and not used. */
export async function openModel(ctx: Context): Promise<OpenModel | null> {
  const cache = ctx.use(openModels);
  return ctx.transaction(async (tx) => {
    const inUse = and(eq(recommenders.workspaceId, tx.workspaceId), eq(recommenders.inUse, true));
    const [found] = await tx.drizzle.select({ id: recommenders.id }).from(recommenders).where(inUse);
    if (!found) return null;
    const known = cache.get(found.id);
    if (known) {
      cache.delete(found.id);
      cache.set(found.id, known);
      return known;
    }
    const [row] = await tx.drizzle.select().from(recommenders).where(eq(recommenders.id, found.id));
    if (!row?.model || !row.roster) return null;
    const opened = readModel(tx, row.id, row.version, row.model, row.roster);
    if (opened === null) return null;
    cache.set(row.id, opened);
    const [oldest] = cache.keys();
    if (cache.size > OPEN_MAX && oldest !== undefined) cache.delete(oldest);
    return opened;
  });
}

function readModel(
  tx: TransactionContext,
  id: string,
  version: number,
  sealedModel: Uint8Array,
  sealedRoster: Uint8Array,
): OpenModel | null {
  try {
    const model = readRecommender(tx.open(sealedModel, modelPlace(id)));
    const roster = rosterSchema.parse(JSON.parse(tx.openText(sealedRoster, rosterPlace(id))));
    if (roster.products.length !== model.itemCount || roster.people.length !== model.userCount)
      throw new Error('the roster of a model is of another size');
    return {
      version,
      model,
      scorer: new Scorer(model),
      roster,
      productNumbers: new Map(roster.products.map((product, at) => [product, at])),
      peopleNumbers: new Map(roster.people.map((person, at) => [person, at])),
    };
  } catch (error) {
    tx.log.error({ err: error, recommenderId: id }, 'a model of recommendations cannot be read');
    return null;
  }
}

/** Puts a model into use in place of the one before. Null: its training is over already. */
export async function keepModel(
  tx: TransactionContext,
  id: string,
  model: Recommender,
  roster: Roster,
  figures: { interactions: number; products: number; people: number; auc: number | null },
) {
  const [running] = await tx.drizzle
    .select({ version: recommenders.version })
    .from(recommenders)
    .where(and(eq(recommenders.id, id), eq(recommenders.state, 'running')))
    .for('update');
  if (!running) return null;
  await tx.drizzle
    .update(recommenders)
    .set({ inUse: false })
    .where(
      and(
        eq(recommenders.workspaceId, tx.workspaceId),
        ne(recommenders.id, id),
        eq(recommenders.inUse, true),
      ),
    );
  await tx.drizzle
    .update(recommenders)
    .set({ model: null, roster: null })
    .where(
      and(
        eq(recommenders.workspaceId, tx.workspaceId),
        lt(recommenders.version, running.version - VERSIONS_KEPT),
      ),
    );
  const bytes = writeRecommender(model);
  const [row] = await tx.drizzle
    .update(recommenders)
    .set({
      ...figures,
      state: 'done',
      progress: 100,
      inUse: true,
      bytes: bytes.length,
      model: tx.seal(bytes, modelPlace(id)),
      roster: tx.seal(JSON.stringify(roster), rosterPlace(id)),
      finishedAt: tx.clock.date(),
    })
    .where(eq(recommenders.id, id))
    .returning();
  return row ?? null;
}
