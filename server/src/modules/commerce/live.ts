// The model of recommendations that is in use: opened once per process, and kept in memory while it is asked.
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { type Context, definePort } from '../../core/context.ts';
import { bytesOf, OpenedModels } from '../../learning/opened-models.ts';
import { Scorer } from '../../learning/recommendation/recommend.ts';
import type { Recommender } from '../../learning/recommendation/recommender.ts';
import { RECOMMENDER_FORMAT, readRecommender } from '../../learning/recommendation/recommender-file.ts';
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

export const openModels = definePort<OpenedModels<OpenModel>>('open models of recommendations');
const OPEN_BYTES_MAX = 256 * 1024 * 1024;
/** Of a product or a person: its id, and its place in a list and in a map. */
const BYTES_PER_NAME = 200;

export const createOpenModels = () => new OpenedModels<OpenModel>(OPEN_BYTES_MAX);

/** The one in use; null where there is none, or one of another format. A damaged one is told of and not used. */
export async function openLiveModel(ctx: Context): Promise<OpenModel | null> {
  const cache = ctx.use(openModels);
  const found = await ctx.transaction(async (tx) => {
    const isLive = and(
      eq(recommendationModels.workspaceId, tx.workspaceId),
      eq(recommendationModels.live, true),
      eq(recommendationModels.format, RECOMMENDER_FORMAT),
    );
    const { id, version, model, roster } = recommendationModels;
    const [live] = await tx.drizzle.select({ id, version }).from(recommendationModels).where(isLive);
    if (!live) return null;
    const known = cache.get(live.id);
    if (known) return known;
    const [row] = await tx.drizzle
      .select({ model, roster })
      .from(recommendationModels)
      .where(eq(id, live.id));
    return { ...live, ...row };
  });
  if (found === null || 'scorer' in found) return found;
  const opened = await readModel(ctx, found);
  if (opened === null) return null;
  const { products, people } = opened.roster;
  cache.set(found.id, opened, bytesOf(opened.model) + BYTES_PER_NAME * (products.length + people.length));
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
