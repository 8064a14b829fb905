// A link by which a browser saves the file of an export straight to disk, whatever its size: asked for with a proof of who it
// is, served once, within a minute, to the session that asked. Of what stands in an address, nothing is worth anything later.
import { createHash, randomBytes } from 'node:crypto';
import type { ExportLink } from '@parley/contract/privacy';
import { and, eq, gt } from 'drizzle-orm';
import type { Context } from '../../core/context.ts';
import { ParleyError } from '../../core/errors.ts';
import { findExport, findFetchable, openExport } from './exports.ts';
import { dataExports } from './tables.ts';

const validMs = 60_000;

/** Of the token with whoever asked: for anybody else, and in another session, it is another one. */
const hashOf = (token: string, { actor, origin }: Pick<Context, 'actor' | 'origin'>): string =>
  createHash('sha256')
    .update(JSON.stringify([token, actor.kind, actor.id, origin.sessionId]))
    .digest('hex');

/** Voids the link of before. @throws ParleyError as `openExport` */
export async function linkExport(ctx: Context, id: string): Promise<ExportLink> {
  const token = randomBytes(32).toString('base64url');
  const until = new Date(ctx.clock.now() + validMs);
  await ctx.transaction(async (tx) => {
    await findFetchable(tx, id);
    await tx.drizzle
      .update(dataExports)
      .set({ linkHash: hashOf(token, ctx), linkUntil: until })
      .where(eq(dataExports.id, id));
  });
  const query = new URLSearchParams({ workspace: ctx.workspaceId, link: token });
  return { path: `/api/v1/privacy/exports/${id}/download?${query}`, validUntil: until.toISOString() };
}

/** @throws ParleyError 410 `export_link_over`; as `openExport` */
export async function openLinkedExport(ctx: Context, id: string, token: string) {
  const isValid = await ctx.transaction(async (tx) => {
    await findExport(tx, id);
    const rows = await tx.drizzle
      .update(dataExports)
      .set({ linkHash: null, linkUntil: null })
      .where(
        and(
          eq(dataExports.id, id),
          eq(dataExports.linkHash, hashOf(token, ctx)),
          gt(dataExports.linkUntil, tx.clock.date()),
        ),
      )
      .returning({ id: dataExports.id });
    return rows.length > 0;
  });
  if (!isValid)
    throw new ParleyError({
      status: 410,
      code: 'export_link_over',
      message:
        'This link was used already, is older than a minute, or is another session’s: ask for a new one.',
    });
  return openExport(ctx, id);
}
