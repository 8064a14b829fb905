// Every job is signed by the transaction that enqueues it, over all that it says: whoever can write into the queue's table, and
// has not the installation's secret, can make no process act for a workspace or a member, and can neither alter a job nor
// copy one. A job that is not signed is never run.
import { z } from 'zod';
import type { Queries } from './database.ts';
import type { Signer } from './signing.ts';

export const signedEnvelope = z.object({
  workspaceId: z.uuid().nullable(),
  actor: z.object({
    kind: z.enum(['member', 'api_key', 'assistant', 'contact', 'system']),
    id: z.string().nullable(),
  }),
  requestId: z.string(),
  input: z.unknown(),
  /** It ran alone when its process was lost. Whoever sets it changes the order of what runs, and nothing else. */
  suspect: z.boolean().optional(),
  signature: z.string().optional(),
});
export type SignedEnvelope = z.infer<typeof signedEnvelope>;
/** What a job says, beside its name: for whom it acts, where, on what. */
export type Envelope = Omit<SignedEnvelope, 'signature'>;

/** Stands for the id of jobs that the clock makes: they belong to no workspace, and all of them are alike. */
const byTheClock = 'schedule';
/** After an upgrade, processes of the version before may enqueue for this long. */
const unsignedMs = 3_600_000;
const batchSize = 500;

export class JobSigner {
  readonly #signer: Signer;
  #unsignedUntil = 0;

  constructor(signer: Signer) {
    this.#signer = signer;
  }

  sign(name: string, id: string, envelope: Envelope): SignedEnvelope {
    return { ...envelope, signature: this.#signer.sign(textOf(name, id, envelope)) };
  }

  signSchedule(name: string, envelope: Envelope): SignedEnvelope {
    return this.sign(name, byTheClock, envelope);
  }

  /** What a process of this installation has enqueued under this name and id, as it is; null for everything else. */
  open(name: string, id: string, data: unknown): Envelope | null {
    const { data: envelope } = signedEnvelope.safeParse(data);
    if (!envelope || !this.isOurs(name, id, envelope)) return null;
    const { signature: _, ...opened } = envelope;
    return opened;
  }

  isOurs(name: string, id: string, { signature, ...envelope }: SignedEnvelope): boolean {
    if (signature === undefined) return Date.now() < this.#unsignedUntil;
    if (this.#signer.isSignature(signature, textOf(name, id, envelope))) return true;
    return (
      envelope.workspaceId === null &&
      envelope.actor.kind === 'system' &&
      this.#signer.isSignature(signature, textOf(name, byTheClock, envelope))
    );
  }

  #isPresent(name: string, id: string, data: unknown): boolean {
    const { data: envelope } = signedEnvelope.safeParse(data);
    return (
      envelope?.signature !== undefined &&
      this.#signer.isPresent(envelope.signature, textOf(name, id, envelope))
    );
  }

  /** Signs what waits since before jobs were signed, once; for a while after it, unsigned ones are run. */
  async begin(queries: Queries): Promise<void> {
    const [row] = await queries.sql<{ until: Date | string | null }>(
      'select unsigned_until as until from job_signing for update',
    );
    if (row?.until) {
      this.#unsignedUntil = new Date(row.until).getTime();
      return;
    }
    this.#unsignedUntil = Date.now() + unsignedMs;
    await this.signWaiting(queries);
    await queries.sql('update job_signing set unsigned_until = $1', [new Date(this.#unsignedUntil)]);
  }

  /** Signs with the present secret what waits with another signature of ours. Returns how many jobs. */
  async signWaiting(queries: Queries): Promise<number> {
    let signed = 0;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await queries.sql<{ id: string; made_as: string; made_id: string; data: unknown }>(
        `select id, coalesce(source_name, name) as made_as, coalesce(source_id, id) as made_id, data
         from pgboss.job where id > $1 and state < 'active' order by id limit ${batchSize}`,
        [after],
      );
      const values = rows.flatMap(({ id, made_as: name, made_id: madeId, data }) => {
        const envelope = this.#isPresent(name, madeId, data) ? null : this.open(name, madeId, data);
        return envelope ? [{ id, signature: this.sign(name, madeId, envelope).signature }] : [];
      });
      if (values.length > 0) {
        await queries.sql(
          `update pgboss.job j set data = jsonb_set(j.data, '{signature}', to_jsonb(v.signature))
           from jsonb_to_recordset($1::jsonb) as v(id uuid, signature text) where j.id = v.id and j.state < 'active'`,
          [JSON.stringify(values)],
        );
        signed += values.length;
      }
      const last = rows.at(-1);
      if (!last || rows.length < batchSize) return signed;
      after = last.id;
    }
  }
}

function textOf(name: string, id: string, { workspaceId, actor, requestId, input }: Envelope): string {
  return `${JSON.stringify([name, id, workspaceId, actor.kind, actor.id, requestId])}${ordered(input)}`;
}

/** JSON with keys in order: the database keeps none. */
function ordered(value: unknown): string {
  if (value === null || typeof value !== 'object' || 'toJSON' in value)
    return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) {
    // Ids, and many of them.
    if (value.every((item) => typeof item === 'string')) return JSON.stringify(value);
    return `[${value.map(ordered).join()}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${ordered(item)}`).join()}}`;
}
