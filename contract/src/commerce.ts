// Products, what people do with them, and what they are recommended, on the wire.
import { z } from 'zod';
import { id, page, pageQuery, timestamp, workState } from './common.ts';

export const productLimits = {
  sku: 100,
  name: 300,
  description: 4000,
  priceMinorMax: 2_000_000_000,
} as const;

const sku = z.string().trim().min(1).max(productLimits.sku);
const name = z.string().trim().min(1).max(productLimits.name);
const description = z.string().trim().max(productLimits.description);
/** In the smallest unit of the currency. */
const priceMinor = z.int().min(0).max(productLimits.priceMinorMax);
/** ISO 4217. */
const currency = z.string().regex(/^[A-Z]{3}$/);

export const productInput = z.strictObject({
  /** The shop's own stock code; no two products of a workspace have the same. */
  sku,
  name,
  description: description.default(''),
  priceMinor: priceMinor.nullable().default(null),
  currency: currency.nullable().default(null),
  inStock: z.boolean().default(true),
});
export type ProductInput = z.infer<typeof productInput>;

export const productChange = z.strictObject({
  name: name.optional(),
  description: description.optional(),
  priceMinor: priceMinor.nullable().optional(),
  currency: currency.nullable().optional(),
  inStock: z.boolean().optional(),
});
export type ProductChange = z.infer<typeof productChange>;

export const product = z.object({
  id,
  sku: z.string(),
  name: z.string(),
  description: z.string(),
  priceMinor: z.number().nullable(),
  currency: z.string().nullable(),
  inStock: z.boolean(),
  /** An archived product is recommended to nobody. */
  archivedAt: timestamp.nullable(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type Product = z.infer<typeof product>;

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

export const productQuery = pageQuery.extend({ archived: flag.optional() });
export const productPage = page(product);

/** Stable; safe to branch on. */
export const importProblemCode = z.enum([
  'missing',
  'too_long',
  'not_a_price',
  'negative',
  'too_large',
  'not_a_currency',
  'not_yes_or_no',
  /** Another row before has this stock code. */
  'sku_repeated',
  /** After the last column there is something: a separator within a cell that is not in quotes. */
  'too_many_cells',
  /** Has a character that no text has (NUL). */
  'not_text',
]);

export const productImport = z.object({
  created: z.number(),
  updated: z.number(),
  unchanged: z.number(),
  /** Rows that were left out, each for at least one of the problems. */
  refused: z.number(),
  /** The first thousand. */
  problems: z.array(
    z.object({
      /** As a spreadsheet counts: the header is row 1. */
      row: z.number(),
      column: z.string(),
      code: importProblemCode,
    }),
  ),
  /** Columns of the file that mean nothing here, as it calls them. */
  ignoredColumns: z.array(z.string()),
});
export type ProductImport = z.infer<typeof productImport>;

export const interactionKind = z.enum(['view', 'cart', 'purchase']);
export type InteractionKind = z.infer<typeof interactionKind>;

const outsideId = z.string().trim().min(1).max(200);

export const interactionInput = z
  .strictObject({
    /** The product, by its id or by its stock code. */
    productId: id.optional(),
    sku: sku.optional(),
    /** Who: a contact, or somebody by an id that the shop gave them. */
    contactId: id.optional(),
    outsideId: outsideId.optional(),
    kind: interactionKind,
    /** Now unless given. */
    happenedAt: timestamp.optional(),
  })
  .refine((input) => (input.productId === undefined) !== (input.sku === undefined), {
    message: 'names the product by productId or by sku',
  })
  .refine((input) => (input.contactId === undefined) !== (input.outsideId === undefined), {
    message: 'names the person by contactId or by outsideId',
  });
export type InteractionInput = z.infer<typeof interactionInput>;

export const interaction = z.object({
  id,
  productId: id,
  contactId: id.nullable(),
  outsideId: z.string().nullable(),
  kind: interactionKind,
  happenedAt: timestamp,
});
export type Interaction = z.infer<typeof interaction>;

export const recommendationQuery = z
  .object({
    contactId: id.optional(),
    outsideId: outsideId.optional(),
    limit: z.coerce.number().int().min(1).max(50).default(10),
    /** Only what is in stock, unless it says false. */
    inStock: flag.default(true),
    /** Also what they have bought. */
    bought: flag.default(false),
    priceMin: z.coerce.number().int().min(0).optional(),
    priceMax: z.coerce.number().int().min(0).optional(),
  })
  .refine((query) => query.contactId === undefined || query.outsideId === undefined, {
    message: 'names the person by contactId or by outsideId, and not by both',
  });
export type RecommendationQuery = z.infer<typeof recommendationQuery>;

export const recommendationReason = z.object({
  /**
   * `bought_with`: who had to do with `product` bought it; `alike`: it shares `words` with `product`; `taste`: it fits what they
   * chose as a whole; `popular`: it is wanted these days; `new`: it is new, and its like is wanted.
   */
  kind: z.enum(['bought_with', 'alike', 'taste', 'popular', 'new']),
  product: z.object({ id, name: z.string() }).nullable(),
  words: z.array(z.string()),
});
export type RecommendationReason = z.infer<typeof recommendationReason>;

export const recommendations = z.object({
  items: z.array(z.object({ product, reason: recommendationReason })),
  /** Of the model that was asked; null: there is none yet, and what is popular is recommended. */
  modelVersion: z.number().nullable(),
});
export type Recommendations = z.infer<typeof recommendations>;

export const recommendationModelData = z.object({
  /** The newest ones, which it learned from. */
  interactions: z.int(),
  /** Older ones that were too many. */
  leftOut: z.int(),
  products: z.int(),
  people: z.int(),
});
export type RecommendationModelData = z.infer<typeof recommendationModelData>;

/** One version of a workspace's model of recommendations. */
export const recommendationModel = z.object({
  id,
  version: z.int(),
  /** `update` goes on from the version that was in use. */
  kind: z.enum(['full', 'update']),
  state: workState,
  /** 0 to 1. */
  progress: z.number(),
  /** Is the one that recommends. */
  live: z.boolean(),
  data: recommendationModelData.nullable(),
  metrics: z
    .object({
      /** How often what somebody chose last scores above what they did not, learned without it; null: too little to tell. */
      auc: z.number().nullable(),
    })
    .nullable(),
  /** Why it failed: `training_failed`, `took_too_long`. */
  errorCode: z.string().nullable(),
  bytes: z.int().nullable(),
  startedAt: timestamp,
  finishedAt: timestamp.nullable(),
});
export type RecommendationModel = z.infer<typeof recommendationModel>;
export const recommendationModelPage = page(recommendationModel);
