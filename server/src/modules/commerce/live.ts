// The model of recommendations that is in use: opened once per process, and kept in memory while it is asked.
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { type Context, definePort } from '../../core/context.ts';
import { Scorer } from '../../learning/recommendation/recommend.ts';
import type { Recommender } from '../../learning/recommendation/recommender.ts';
import { readRecommender } from '../../learning/recommendation/recommender-file.ts';
import { modelPlace, rosterPlace } from './models.ts';
import { recommendationModels } from './tables.ts';
import type { Roster } from './training-set.ts';

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

/** The one in use; null where there is none. A damaged one is told of and not used. */
export async function openLiveModel(ctx: Context): Promise<OpenModel | null> {
  const cache = ctx.use(openModels);
  const found = await ctx.transaction(async (tx) => {
    const isLive = and(
      eq(recommendationModels.workspaceId, tx.workspaceId),
      eq(recommendationModels.live, true),
    );
    const { id, version, model, roster } = recommendationModels;
    const [live] = await tx.drizzle.select({ id, version }).from(recommendationModels).where(isLive);
    if (!live || cache.has(live.id)) return live ?? null;
    const [row] = await tx.drizzle.select({ model, roster }).from(recommendationModels).where(isLive);
    return { ...live, ...row };
  });
  if (!found) return null;
  const opened = cache.get(found.id) ?? (await readModel(ctx, found));
  if (opened === null) return null;
  cache.delete(found.id);
  cache.set(found.id, opened);
  const [oldest] = cache.keys();
  if (cache.size > OPEN_MAX && oldest !== undefined) cache.delete(oldest);
  return opened;
}

interface Sealed {
  readonly id: string;
  readonly version: number;
  readonly model?: Uint8Array | null;
  readonly roster?: Uint8Array | null;
}

/** Outside a transaction: it takes some tens of milliseconds. */
async function readModel(ctx: Context, sealed: Sealed): Promise<OpenModel | null> {
  const { id, version } = sealed;
  if (!sealed.model || !sealed.roster) return null;
  const vault = await ctx.vault();
  try {
    const model = readRecommender(vault.open(sealed.model, modelPlace(id)));
    const roster = rosterSchema.parse(JSON.parse(vault.openText(sealed.roster, rosterPlace(id))));
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
    ctx.log.error({ err: error, model_id: id }, 'a model of recommendations cannot be read');
    return null;
  }
}
