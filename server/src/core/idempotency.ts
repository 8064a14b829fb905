// Idempotency-Key on every POST that creates, and on changes that wait on a device until it is back: the answer is recorded
// in the transaction that did the work, so a repeated call gets the same answer, and work whose record is lost was rolled
// back with it.
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from './context.ts';
import { keyedHash } from './crypto.ts';
import { conflict, databaseErrorCode, uniqueViolation, validationError } from './errors.ts';
import type { Kernel } from './kernel.ts';

interface Recorded {
  request_hash: string;
  status: number;
  response: Uint8Array;
}

/** How long a key is remembered. */
export const idempotencyHours = 48;

const place = (keyHash: string) => `idempotency_keys.response:${keyHash}`;

export function installIdempotency(app: FastifyInstance, kernel: Kernel): void {
  const hashKey = kernel.deriveKey('idempotency');

  app.decorateRequest('replayIdempotent', null);
  app.addHook('preHandler', (request, reply, done) => {
    if (!request.routeOptions.config.idempotent) return done();
    replayOrRecord(request, reply).then((answered) => answered || done(), done);
  });
  /** Returns whether the answer of an earlier call is on its way. */
  const replayOrRecord = async (request: FastifyRequest, reply: FastifyReply): Promise<boolean> => {
    const key = request.headers['idempotency-key'];
    if (key === undefined) return false;
    if (typeof key !== 'string' || key.length < 1 || key.length > 255) {
      throw validationError('An Idempotency-Key has 1 to 255 characters.');
    }
    const { ctx } = request;
    const keyHash = keyedHash(hashKey, `${ctx.actor.kind}:${ctx.actor.id}:${key}`);
    const requestHash = keyedHash(
      hashKey,
      `${request.method} ${request.url}\n${JSON.stringify(request.body ?? null)}`,
    );

    const replay = async (recorded: Recorded) => {
      if (recorded.request_hash !== requestHash) {
        throw conflict('sms.idempotent_duplicate', 'This Idempotency-Key was used with another request.');
      }
      const vault = await ctx.vault();
      return reply
        .code(recorded.status)
        .header('idempotency-replayed', 'true')
        .send(JSON.parse(vault.openText(recorded.response, place(keyHash))));
    };
    const find = async (): Promise<Recorded | undefined> => {
      const [row] = await ctx.transaction((tx) =>
        tx.sql<Recorded>(
          `select request_hash, status, response from idempotency_keys
           where workspace_id = $1 and key_hash = $2`,
          [tx.workspaceId, keyHash],
        ),
      );
      return row;
    };

    const earlier = await find();
    if (earlier) {
      await replay(earlier);
      return true;
    }
    request.ctx = recording(ctx, { keyHash, requestHash, status: successOf(request) });
    request.replayIdempotent = async () => {
      const winner = await find();
      if (winner) await replay(winner);
      return winner !== undefined;
    };
    return false;
  };
}

/** The status that the route promises for what went well. */
function successOf(request: FastifyRequest): number {
  const { response } = request.routeOptions.schema as { response: Readonly<Record<string, unknown>> };
  return Math.max(
    ...Object.keys(response)
      .map(Number)
      .filter((status) => status < 300),
  );
}

/**
 * A racing call with the same key waits for the first to commit and then fails on the key: it gets the first's answer.
 * Returns whether the error was that, and the answer is on its way.
 */
export async function replayIdempotent(error: unknown, request: FastifyRequest): Promise<boolean> {
  return (
    request.replayIdempotent !== null &&
    databaseErrorCode(error) === uniqueViolation &&
    (await request.replayIdempotent())
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    replayIdempotent: (() => Promise<boolean>) | null;
  }
}

/** The same context, whose one transaction also records its result under the key. */
function recording(ctx: Context, record: { keyHash: string; requestHash: string; status: number }): Context {
  let used = false;
  return {
    ...ctx,
    transaction: async (work) => {
      if (used) throw new Error('a route that takes an Idempotency-Key runs one transaction');
      used = true;
      return ctx.transaction(async (tx) => {
        const result = await work(tx);
        await tx.sql(
          `insert into idempotency_keys (workspace_id, key_hash, request_hash, status, response, created_at)
           values ($1, $2, $3, $4, $5, $6)`,
          [
            tx.workspaceId,
            record.keyHash,
            record.requestHash,
            record.status,
            tx.seal(JSON.stringify(result ?? null), place(record.keyHash)),
            tx.clock.date(),
          ],
        );
        return result;
      });
    },
  };
}
