// Makes the vectors of knowledge with the model that the workspace has chosen for it, and of no other: who may not be asked is
// not replaced, since vectors of two models have nothing in common.
import { createHash } from 'node:crypto';
import type { Context } from '../../core/context.ts';
import type { Embedder, EmbeddingModel, NoVectors } from '../knowledge/knowledge.ts';
import { knownCatalogue, readCatalogue } from './catalogue.ts';
import { type EmbeddingRequest, embedTexts } from './embeddings.ts';
import { operatorTextsMax, thisMachine } from './operator-embedder.ts';
import { routingFor } from './overrides.ts';
import { isForbidden } from './routing.ts';
import type { Catalogue, KnownModel } from './runtime.ts';
import { labelOf } from './sensitivity.ts';

/** Texts of one request: what the strictest of the usual servers takes at once. */
const usualTextsMax = 32;
/** For vectors of passages nobody waits. */
const passagesMs = 45_000;
/** After so long a quota or a cap may have room again, and a provider may be well. */
const lookAgainMs = { soon: 60_000, later: 600_000 };

export const knowledgeEmbedder: Embedder = {
  current: async (ctx) => describe(await presentCatalogue(ctx)),
  known: async (ctx) => describe(await knownCatalogue(ctx)),

  embedPassages: async (ctx, wanted, texts, signal) => {
    const catalogue = await presentCatalogue(ctx);
    const model = chosen(catalogue, wanted);
    if (!model) return changed;
    const label = passageLabels(catalogue);
    const open = texts.filter((text) => !isForbidden(model, label(text)));
    if (open.length === 0) return texts.map(() => null);
    const request = {
      texts: open,
      kind: 'passage',
      purpose: 'embeddings',
      conversationId: null,
      contactId: null,
      timeoutMs: passagesMs,
      signal,
    } satisfies EmbeddingRequest;
    const made = await askPartly(ctx, catalogue, model, request);
    if ('failed' in made) return made;
    let at = 0;
    return texts.map((text) => (isForbidden(model, label(text)) ? null : (made[at++] ?? null)));
  },

  embedQuestions: async (ctx, wanted, asked) => {
    const catalogue = await knownCatalogue(ctx);
    const model = chosen(catalogue, wanted);
    if (!model) return changed;
    const settings = routingFor(catalogue.routing, asked.purpose);
    const label = labelOf(settings, asked.sensitivity, [...asked.texts, ...asked.said]);
    if (isForbidden(model, label.sensitivity)) return { failed: 'private_content', retryAfterMs: null };
    return ask(ctx, catalogue, model, {
      texts: asked.texts,
      kind: 'question',
      purpose: 'embeddings',
      conversationId: asked.conversationId ?? null,
      contactId: asked.contactId ?? null,
      timeoutMs: asked.timeoutMs,
      signal: asked.signal,
    });
  },
};

const changed: NoVectors = { failed: 'changed', retryAfterMs: 0 };

/** A job goes on for long: what was switched off a moment ago, it must not miss. */
const presentCatalogue = (ctx: Context): Promise<Catalogue> => ctx.transaction(readCatalogue);

function modelOf({ models, routing }: Catalogue): KnownModel | null {
  const found = models.find(({ id }) => id === routing.embeddingModelId);
  return found?.capabilities.includes('embeddings') ? found : null;
}

function describe(catalogue: Catalogue): EmbeddingModel | null {
  const model = modelOf(catalogue);
  if (!model) return null;
  const { alwaysPrivate, detectsInKnowledge, detectors, privateWords } = catalogue.routing;
  return {
    name: model.name,
    fingerprint: digest([model.baseUrl, model.model]),
    privacy: digest([model.local, alwaysPrivate, detectsInKnowledge && [detectors, privateWords]]),
    textsMax: model.baseUrl === thisMachine ? operatorTextsMax : usualTextsMax,
  };
}

const digest = (of: unknown) =>
  createHash('sha256').update(JSON.stringify(of)).digest('base64url').slice(0, 16);

/** Null where another one was chosen meanwhile. */
function chosen(catalogue: Catalogue, { fingerprint }: EmbeddingModel): KnownModel | null {
  return describe(catalogue)?.fingerprint === fingerprint ? modelOf(catalogue) : null;
}

/** As for the prompts that passages go into: they are looked through where the workspace wants it. */
function passageLabels({ routing }: Catalogue) {
  return (text: string) => labelOf(routing, 'normal', routing.detectsInKnowledge ? [text] : []).sensitivity;
}

async function ask(
  ctx: Context,
  catalogue: Catalogue,
  model: KnownModel,
  request: EmbeddingRequest,
): Promise<readonly Float32Array[] | NoVectors> {
  if (!model.enabled) return { failed: 'disabled', retryAfterMs: null };
  const made = await embedTexts(ctx, catalogue, model, request);
  if (!('failed' in made)) return made.vectors;
  return { failed: made.failed, retryAfterMs: retryAfter(made.failed, made.retryAfterMs) };
}

/** What every model takes: where it refuses this too, the texts are not what is wrong. */
const takenByAll = 'Hello';
/** Shorter than a job holds its work (knowledge/vectors/work.ts): looking for what is refused goes on with the next try. */
const searchMs = 40_000;

/**
 * None for a text that the model refuses, e.g. because it is too long for it: one such text must not keep the others from
 * having vectors.
 */
async function askPartly(
  ctx: Context,
  catalogue: Catalogue,
  model: KnownModel,
  request: EmbeddingRequest,
): Promise<readonly (Float32Array | null)[] | NoVectors> {
  const until = performance.now() + searchMs;
  const keyOf = (text: string) => digest([ctx.workspaceId, model.baseUrl, model.model, text]);
  const rest = request.texts.filter((text) => !settled.has(keyOf(text)));
  const made = rest.length > 0 ? await ask(ctx, catalogue, model, { ...request, texts: rest }) : [];
  if (!('failed' in made)) for (const [at, text] of rest.entries()) settle(keyOf(text), made[at] ?? null);
  else if (made.failed !== 'request_refused') return made;
  else {
    // Where some were taken before, it is known that it takes any.
    if (rest.length === request.texts.length) {
      const taken = await ask(ctx, catalogue, model, { ...request, texts: [takenByAll] });
      if ('failed' in taken) return taken;
    }
    const askSome = (texts: readonly string[]) =>
      performance.now() < until ? ask(ctx, catalogue, model, { ...request, texts }) : outOfTime;
    const failed = await settleHalves(rest, askSome, (text, vector) => settle(keyOf(text), vector));
    if (failed) return failed;
  }
  const vectors = request.texts.map((text) => settled.get(keyOf(text)) ?? null);
  for (const text of request.texts) settled.delete(keyOf(text));
  return vectors;
}

const outOfTime: NoVectors = { failed: 'timed_out', retryAfterMs: 1_000 };

/** What was found of texts of a request that was refused, until all of it is: what was paid for is not asked for again. */
const settled = new Map<string, Float32Array | null>();
const settledMax = 1_000;

function settle(key: string, vector: Float32Array | null): void {
  settled.set(key, vector);
  const [oldest] = settled.keys();
  if (settled.size > settledMax && oldest !== undefined) settled.delete(oldest);
}

/** @param texts refused together. @returns why it does not go on, with what it has found settled; null: all of them are */
async function settleHalves(
  texts: readonly string[],
  askSome: (texts: readonly string[]) => ReturnType<typeof ask> | NoVectors,
  tell: (text: string, vector: Float32Array | null) => void,
): Promise<NoVectors | null> {
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) {
    tell(only, null);
    return null;
  }
  const middle = texts.length >> 1;
  for (const half of [texts.slice(0, middle), texts.slice(middle)]) {
    const made = await askSome(half);
    if (!('failed' in made)) for (const [at, text] of half.entries()) tell(text, made[at] ?? null);
    else if (made.failed !== 'request_refused') return made;
    else {
      const failed = await settleHalves(half, askSome, tell);
      if (failed) return failed;
    }
  }
  return null;
}

function retryAfter(reason: string, asked: number | null): number | null {
  if (reason === 'budget_exhausted' || reason === 'unreadable_answer') return lookAgainMs.later;
  // A change of the model, its price or its key is told of.
  if (['price_unknown', 'credentials_refused', 'request_refused', 'address_forbidden'].includes(reason))
    return null;
  return Math.max(asked ?? 0, lookAgainMs.soon);
}
