// Which model of intents reads a workspace's messages: promoted and rolled back by members, kept in memory while it is used.
import type { LiveIntentModel } from '@parley/contract/intent-models';
import type { Context, TransactionContext } from '../../../core/context.ts';
import { CryptoError } from '../../../core/crypto.ts';
import { conflict } from '../../../core/errors.ts';
import { newId } from '../../../core/identifiers.ts';
import type { IntentModel } from '../../../learning/intent-model.ts';
import { ModelFileError } from '../../../learning/model-file.ts';
import { OpenedModels } from '../../../learning/opened-models.ts';
import { operatorModels } from '../operator-models.ts';
import { openIntentModel } from './open.ts';
import { findIntentModel, intentModelChanged, intentModelPlace, tellIntentModel } from './rows.ts';
import { type LiveModel, loadStarterModel, starterModelName } from './starter.ts';

/** Which one reads messages. */
export interface LiveVersion {
  /** Null: the one that the operator set, or that comes with Parley. */
  readonly modelId: string | null;
  /** Under which insights name it. */
  readonly name: string;
  /** When it was promoted; null: nobody ever promoted another one. */
  readonly since: Date | null;
  /** How it read the messages of the time in which it was trained, as it is kept. */
  readonly reference: unknown;
}

export async function findLiveModel(tx: TransactionContext): Promise<LiveVersion> {
  const [row] = await tx.sql<{
    id: string | null;
    version: number | null;
    promoted_at: Date | string;
    reference: unknown;
  }>(
    `select m.id, m.version, m.reference, p.promoted_at from intent_model_promotions p
     left join intent_models m on m.id = p.model_id
     where p.workspace_id = $1 order by p.promoted_at desc, p.id desc limit 1`,
    [tx.workspaceId],
  );
  return {
    modelId: row?.id ?? null,
    name: row?.version
      ? nameOfVersion(row.version)
      : (tx.use(operatorModels).intent?.version ?? starterModelName),
    since: row ? new Date(row.promoted_at) : null,
    reference: row?.reference ?? null,
  };
}

const findLive = {
  name: 'intent_models_live',
  text: `select m.id, m.version from (
      select model_id from intent_model_promotions where workspace_id = $1 order by promoted_at desc, id desc limit 1
    ) p join intent_models m on m.id = p.model_id`,
};

/** Under which insights name it. */
const nameOfVersion = (version: number) => `workspace@${version}`;

/** By its id, under which it never is another one. */
const opened = new OpenedModels<IntentModel>(64 * 1024 * 1024);

/** The one that was promoted; the one that comes with Parley where none was, or where its file is damaged. @throws ModelFileError */
export async function readLiveModel(tx: TransactionContext): Promise<LiveModel> {
  const [live] = await tx.sql<{ id: string; version: number }>(findLive, [tx.workspaceId]);
  if (!live) return loadStarterModel();
  const model = opened.get(live.id) ?? (await loadUndamaged(tx, live.id));
  // Messages are understood all the same.
  if (!model) return loadStarterModel();
  return { model, name: nameOfVersion(live.version) };
}

/** Whether the workspace has promoted one of its own. */
export async function hasOwnModel(tx: TransactionContext): Promise<boolean> {
  return (await tx.sql(findLive, [tx.workspaceId])).length > 0;
}

async function loadUndamaged(tx: TransactionContext, id: string): Promise<IntentModel | null> {
  try {
    const model = await load(tx, id);
    opened.set(id, model);
    return model;
  } catch (error) {
    if (!(error instanceof ModelFileError || error instanceof CryptoError)) throw error;
    tx.log.error(
      { err: error, model_id: id },
      'a model of intents is damaged: the one that comes with Parley reads',
    );
    return null;
  }
}

async function load(tx: TransactionContext, id: string): Promise<IntentModel> {
  return openIntentModel(await readFile(tx, id));
}

/** @throws ParleyError 404, 409 `not_trained` */
export async function readFile(tx: TransactionContext, id: string): Promise<Uint8Array> {
  await findIntentModel(tx, id);
  const [row] = await tx.sql<{ file: Uint8Array }>(
    `select file from intent_models where id = $1 and state = 'done'`,
    [id],
  );
  if (!row) throw conflict('not_trained', 'This version was not trained to its end.');
  // A copy: what reads it wants bytes that are nobody else's.
  return new Uint8Array(tx.open(row.file, intentModelPlace(id)));
}

export async function getLive(ctx: Context): Promise<LiveIntentModel> {
  return ctx.transaction(async (tx) => {
    const [live] = await tx.sql<{ id: string }>(findLive, [tx.workspaceId]);
    return { modelId: live?.id ?? null };
  });
}

/** From the next message on. Another one before it is promoted again to roll back. @throws ParleyError 404, 409 `not_trained` */
export async function setLive(ctx: Context, { modelId }: LiveIntentModel): Promise<LiveIntentModel> {
  return ctx.transaction(async (tx) => {
    // Read as it will be: a damaged file never becomes the one that reads messages.
    if (modelId) await load(tx, modelId);
    await tx.sql(
      `insert into intent_model_promotions (id, workspace_id, model_id, promoted_by, promoted_at)
       values ($1, $2, $3, $4, $5)`,
      [newId(), tx.workspaceId, modelId, tx.actor.id ?? tx.actor.kind, tx.clock.date()],
    );
    if (modelId) tellIntentModel(tx, await findIntentModel(tx, modelId));
    else tx.append(intentModelChanged, { modelId: null, state: 'done', progress: 1, live: true });
    return { modelId };
  });
}
