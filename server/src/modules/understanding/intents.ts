// The intents of a workspace: those that come with Parley and its own, with the examples that members write.
import {
  type Intent,
  type IntentExample,
  type IntentExampleInput,
  intentExamplesMax,
  intentsMax,
} from '@parley/contract/intents';
import { z } from 'zod';
import type { Context, TransactionContext } from '../../core/context.ts';
import { conflict, notFound } from '../../core/errors.ts';
import { defineEvent } from '../../core/events.ts';
import { newId } from '../../core/identifiers.ts';
import { decodeCursor, toPage } from '../../core/pagination.ts';
import { starterIntents } from './starter-intents/starter-intents.ts';

export const intentsChanged = defineEvent({
  type: 'intents.changed',
  doc: 'The intents of the workspace or their examples are others: a model that is trained now learns from them.',
  permission: 'assistant:read',
  payload: z.object({ name: z.string() }),
  audit: { target: 'intent', id: 'name' },
});

const starters: ReadonlySet<string> = new Set(starterIntents);

export const examplePlace = (id: string) => `intent_examples.text:${id}`;

interface IntentRow {
  name: string;
  enabled: boolean | null;
  examples: number;
  corrections: number;
}

/** In the order of their names. */
export async function listIntents(ctx: Context): Promise<Intent[]> {
  return ctx.transaction(readIntents);
}

export async function readIntents(tx: TransactionContext): Promise<Intent[]> {
  const rows = await tx.sql<IntentRow>(
    `select n.name, i.enabled, coalesce(e.count, 0) as examples, coalesce(c.count, 0) as corrections
     from (
       select unnest($2::text[]) as name union select name from intents where workspace_id = $1
     ) n
     left join intents i on i.workspace_id = $1 and i.name = n.name
     left join (
       select intent, count(*)::int as count from intent_examples where workspace_id = $1 group by intent
     ) e on e.intent = n.name
     left join (
       select value, count(*)::int as count from insight_corrections
       where workspace_id = $1 and field = 'intent' group by value
     ) c on c.value = n.name`,
    [tx.workspaceId, starterIntents],
  );
  return rows
    .map(({ name, enabled, examples, corrections }) => ({
      name,
      origin: starters.has(name) ? ('starter' as const) : ('workspace' as const),
      enabled: enabled ?? true,
      examples,
      corrections,
    }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** Makes one, or switches one on or off. @throws ParleyError 409 `too_many_intents` */
export async function setIntent(ctx: Context, name: string, enabled: boolean): Promise<Intent> {
  return ctx.transaction(async (tx) => {
    const known = await readIntents(tx);
    if (known.length >= intentsMax && !known.some((intent) => intent.name === name))
      throw conflict('too_many_intents', `There are ${intentsMax} intents already.`);
    await tx.sql(
      `insert into intents (workspace_id, name, enabled, created_at) values ($1, $2, $3, $4)
       on conflict (workspace_id, name) do update set enabled = excluded.enabled`,
      [tx.workspaceId, name, enabled, tx.clock.date()],
    );
    tx.append(intentsChanged, { name });
    return findIntent(tx, name);
  });
}

/**
 * With its examples. One that comes with Parley is switched on again. What members said of messages stays as they said it, teaches
 * nothing, and counts again once there is an intent of this name.
 * @throws ParleyError 404
 */
export async function deleteIntent(ctx: Context, name: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    await findIntent(tx, name);
    await tx.sql('delete from intent_examples where workspace_id = $1 and intent = $2', [
      tx.workspaceId,
      name,
    ]);
    await tx.sql('delete from intents where workspace_id = $1 and name = $2', [tx.workspaceId, name]);
    tx.append(intentsChanged, { name });
  });
}

/** @throws ParleyError 404 */
export async function findIntent(tx: TransactionContext, name: string): Promise<Intent> {
  const found = (await readIntents(tx)).find((intent) => intent.name === name);
  if (!found) throw notFound('intent');
  return found;
}

interface ExampleRow {
  id: string;
  intent: string;
  text: Uint8Array;
  created_by: string;
  created_at: Date | string;
}

const cursorShape = z.tuple([z.iso.datetime(), z.uuid()]);

/** The newest first. @throws ParleyError 404 */
export async function listExamples(
  ctx: Context,
  { intent: name, limit, cursor }: { intent: string; limit: number; cursor?: string | undefined },
): Promise<{ items: IntentExample[]; nextCursor: string | null }> {
  const after = cursor ? decodeCursor(cursor, cursorShape) : null;
  return ctx.transaction(async (tx) => {
    await findIntent(tx, name);
    const rows = await tx.sql<ExampleRow>(
      `select * from intent_examples where workspace_id = $1 and intent = $2
         and ($3::timestamptz is null or (created_at, id) < ($3, $4::uuid))
       order by created_at desc, id desc limit $5`,
      [tx.workspaceId, name, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
    );
    const { items, nextCursor } = toPage(rows, limit, (row) => [
      new Date(row.created_at).toISOString(),
      row.id,
    ]);
    return { items: items.map((row) => toExample(tx, row)), nextCursor };
  });
}

function toExample(tx: TransactionContext, row: ExampleRow): IntentExample {
  return {
    id: row.id,
    intent: row.intent,
    text: tx.openText(row.text, examplePlace(row.id)),
    createdBy: row.created_by,
    createdAt: new Date(row.created_at).toISOString(),
  };
}

/** @throws ParleyError 404, 409 `too_many_examples` */
export async function addExamples(
  ctx: Context,
  { intent: name, texts }: IntentExampleInput,
): Promise<IntentExample[]> {
  return ctx.transaction(async (tx) => {
    await findIntent(tx, name);
    const [count] = await tx.sql<{ count: number }>(
      'select count(*)::int as count from intent_examples where workspace_id = $1',
      [tx.workspaceId],
    );
    if ((count?.count ?? 0) + texts.length > intentExamplesMax)
      throw conflict('too_many_examples', `A workspace has ${intentExamplesMax} examples at most.`);
    const rows = texts.map((text) => {
      const id = newId();
      return { id, text: Buffer.from(tx.seal(text, examplePlace(id))).toString('base64') };
    });
    const added = await tx.sql<ExampleRow>(
      `insert into intent_examples (id, workspace_id, intent, text, created_by, created_at)
       select e.id, $1, $2, decode(e.text, 'base64'), $3, $4 from jsonb_to_recordset($5::jsonb) as e(id uuid, text text)
       returning *`,
      [tx.workspaceId, name, tx.actor.id ?? tx.actor.kind, tx.clock.date(), JSON.stringify(rows)],
    );
    tx.append(intentsChanged, { name });
    return added.map((row) => toExample(tx, row));
  });
}

/** @throws ParleyError 404 */
export async function deleteExample(ctx: Context, id: string): Promise<void> {
  await ctx.transaction(async (tx) => {
    const [gone] = await tx.sql<{ intent: string }>(
      'delete from intent_examples where id = $1 returning intent',
      [id],
    );
    if (!gone) throw notFound('example');
    tx.append(intentsChanged, { name: gone.intent });
  });
}
