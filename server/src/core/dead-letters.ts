// Jobs that failed for the last time, or are none of ours: what they were, why, and another try.
import type { PgBoss } from 'pg-boss';
import { z } from 'zod';
import type { Queries } from './database.ts';
import { newId } from './identifiers.ts';
import type { JobSigner, SignedEnvelope } from './job-signatures.ts';
import { inTransaction } from './queue-connections.ts';

export const deadLetterQueue = 'dead-letters';

export interface DeadLetter {
  readonly id: string;
  readonly job: string;
  readonly workspaceId: string | null;
  readonly input: unknown;
  readonly error: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
}

const failureSchema = z.object({ message: z.string() });

export async function readDeadLetters(queries: Queries, limit: number): Promise<DeadLetter[]> {
  const rows = await queries.sql<{
    id: string;
    source_name: string | null;
    data: Partial<SignedEnvelope> | null;
    source_output: unknown;
    source_retry_count: number | null;
    created_on: Date;
  }>(
    `select id, source_name, data, source_output, source_retry_count, created_on from pgboss.job
     where name = $1 and state < 'active' order by created_on desc limit $2`,
    [deadLetterQueue, limit],
  );
  return rows.map((row) => ({
    id: row.id,
    job: row.source_name ?? 'unknown',
    workspaceId: row.data?.workspaceId ?? null,
    input: row.data?.input,
    error: failureSchema.safeParse(row.source_output).data?.message ?? null,
    attempts: (row.source_retry_count ?? 0) + 1,
    createdAt: new Date(row.created_on),
  }));
}

/**
 * Puts dead letters back into their queues, signed anew: all, or those named. What was not signed by us stays where it is:
 * trying it again would make it ours. Returns how many went.
 */
export async function redriveDeadLetters(
  queries: Queries,
  boss: PgBoss,
  signer: JobSigner,
  queues: ReadonlySet<string>,
  ids: readonly string[] | null,
): Promise<number> {
  const rows = await queries.sql<{
    id: string;
    source_name: string | null;
    source_id: string | null;
    data: unknown;
    singleton_key: string | null;
  }>(
    `select id, source_name, source_id, data, singleton_key from pgboss.job
     where name = $1 and state < 'active' and ($2::uuid[] is null or id = any($2::uuid[]))
     order by created_on for update skip locked`,
    [deadLetterQueue, ids],
  );
  const sound = rows.flatMap(({ id, source_name: name, source_id: sourceId, data, singleton_key: key }) => {
    const envelope = name !== null && queues.has(name) && signer.open(name, sourceId ?? '', data);
    return name !== null && envelope ? [{ id, name, envelope, key }] : [];
  });
  for (const [name, group] of Map.groupBy(sound, (letter) => letter.name)) {
    const jobs = group.map(({ envelope, key }) => {
      const id = newId();
      const data = signer.sign(name, id, envelope);
      return { id, data, ...(key === null ? {} : { singletonKey: key }) };
    });
    await boss.insert(name, jobs, { db: inTransaction(queries) });
  }
  await queries.sql('delete from pgboss.job where name = $1 and id = any($2::uuid[])', [
    deadLetterQueue,
    sound.map(({ id }) => id),
  ]);
  return sound.length;
}
