// Computes the chains of the audit again, page by page, and says where the first link is broken.
import type { SystemContext, TransactionContext } from '../../../core/context.ts';
import { CryptoError } from '../../../core/crypto.ts';
import {
  type Checkpoint,
  chainStart,
  checkpointPlace,
  checkpointText,
  type EntryFields,
  hashEntry,
  hashOrigin,
  headPlace,
  headText,
} from './chain.ts';
import { auditDaysMin } from './retire.ts';

/**
 * - `missing`: there is no entry of that number.
 * - `added`: an entry that the chain does not have.
 * - `changed`: it does not say what it said when it was written.
 * - `unlinked`: it does not follow the one before.
 * - `checkpoint`: the record of what was taken away by rule is not what was sealed, or allows more than any rule does.
 * - `end`: the chain does not end where its sealed end says.
 */
export type Break = 'missing' | 'added' | 'changed' | 'unlinked' | 'checkpoint' | 'end';

export interface ChainReport {
  readonly workspaceId: string;
  /** The first entry that is there: those before it went by the workspace's rule for how long the audit is kept. */
  readonly from: number;
  /** How many entries hold, from that one on. */
  readonly entries: number;
  /** The last hash that holds: whoever notes it elsewhere finds out later whether all of this was replaced. */
  readonly hash: string;
  readonly broken: { readonly number: number; readonly why: Break } | null;
}

interface Row extends Omit<EntryFields, 'number'> {
  readonly number: string | number;
  readonly address: string | null;
  readonly device: string | null;
  readonly originSalt: string | null;
  readonly originHash: string;
  readonly previousHash: string;
  readonly hash: string;
}

const pageLength = 1000;

const readPage = `select number, to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "occurredAt",
    actor_kind as "actorKind", actor_id as "actorId", via, session_id as "sessionId", request_id as "requestId", action,
    target_kind as "targetKind", target_id as "targetId", result, details, address, device,
    origin_salt as "originSalt", origin_hash as "originHash", previous_hash as "previousHash", hash
  from audit_entries where workspace_id = $1 and number > $2 order by number limit ${pageLength}`;
// In one look: the end and what the table has beyond it.
const readEnd = `select h.number, h.hash, h.sealed, e.first, e.last
  from (select min(number) as first, max(number) as last from audit_entries where workspace_id = $1) e
  left join audit_heads h on h.workspace_id = $1`;

interface End {
  readonly number: string | number | null;
  readonly hash: string | null;
  readonly sealed: Uint8Array | null;
  readonly first: string | number | null;
  readonly last: string | number | null;
}

/** Holds one page in memory, and one connection for as long as a page takes. */
export async function verifyChain(ctx: SystemContext, workspaceId: string): Promise<ChainReport> {
  const scope = ctx.workspace(workspaceId);
  const { end, endHolds, checkpoint } = await scope.transaction(async (tx) => {
    const [row] = await tx.sql<End>(readEnd, [workspaceId]);
    const checkpoint = await readCheckpoint(tx);
    return { end: row, endHolds: row?.number == null || opens(tx, row), checkpoint };
  });
  const start = checkpoint && checkpoint !== 'broken' ? checkpoint.number : 0;
  let number = start;
  let hash = checkpoint && checkpoint !== 'broken' ? checkpoint.hash : chainStart(workspaceId);
  const report = (why: Break | null, at = number + 1): ChainReport => ({
    workspaceId,
    from: start + 1,
    entries: number - start,
    hash,
    broken: why && { number: at, why },
  });
  if (checkpoint === 'broken') return report('checkpoint', 1);
  if (end?.first != null && Number(end.first) < start + 1) return report('added', Number(end.first));
  const length = Number(end?.number ?? 0);
  while (number < length) {
    const rows = await scope.transaction((tx) => tx.sql<Row>(readPage, [workspaceId, number]));
    for (const row of rows.slice(0, length - number)) {
      const why = judge(workspaceId, row, number, hash);
      if (why) return report(why);
      number += 1;
      hash = row.hash;
    }
    if (rows.length === 0) return report('missing');
  }
  if (end?.last != null && Number(end.last) > length)
    return report(end.number === null ? 'end' : 'added', length + 1);
  if (end?.number != null && (end.hash !== hash || !endHolds)) return report('end');
  return report(null);
}

function judge(workspaceId: string, row: Row, before: number, previousHash: string): Break | null {
  if (Number(row.number) !== before + 1) return 'missing';
  if (row.previousHash !== previousHash) return 'unlinked';
  const { address, device, originSalt } = row;
  const forgotten = originSalt === null && address === null && device === null;
  if (!forgotten && hashOrigin(originSalt ?? '', address, device) !== row.originHash) return 'changed';
  const fields = { ...row, number: before + 1 };
  return hashEntry(workspaceId, fields, row.originHash, previousHash) === row.hash ? null : 'changed';
}

const dayMs = 86_400_000;

interface CheckpointRow {
  number: string | number;
  hash: string;
  occurred_at: Date | string;
  removed_at: Date | string;
  days: number;
  sealed: Uint8Array;
}

/** Null where nothing was taken away. */
async function readCheckpoint(tx: TransactionContext): Promise<Checkpoint | 'broken' | null> {
  const [row] = await tx.sql<CheckpointRow>('select * from audit_checkpoints where workspace_id = $1', [
    tx.workspaceId,
  ]);
  if (!row) return null;
  const checkpoint: Checkpoint = {
    number: Number(row.number),
    hash: row.hash,
    occurredAt: new Date(row.occurred_at),
    removedAt: new Date(row.removed_at),
    days: row.days,
  };
  const age = checkpoint.removedAt.getTime() - checkpoint.occurredAt.getTime();
  if (row.days < auditDaysMin || age < row.days * dayMs) return 'broken';
  return openText(tx, row.sealed, checkpointPlace(tx.workspaceId)) === checkpointText(checkpoint)
    ? checkpoint
    : 'broken';
}

function openText(tx: TransactionContext, sealed: Uint8Array, place: string): string | null {
  try {
    return tx.openText(sealed, place);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/** Whether the end was written with the workspace's key. */
function opens(tx: TransactionContext, { number, hash, sealed }: End): boolean {
  if (sealed === null || hash === null) return false;
  return openText(tx, sealed, headPlace(tx.workspaceId)) === headText(Number(number), hash);
}
