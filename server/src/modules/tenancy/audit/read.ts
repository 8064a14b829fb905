// Reads the audit: page by page, newest first, and as an export from the first entry on.
import { Readable } from 'node:stream';
import type { AuditEntry, AuditFilters, AuditPage } from '@parley/contract/audit';
import { actor as actorSchema } from '@parley/contract/common';
import { z } from 'zod';
import type { Context } from '../../../core/context.ts';
import { csvCell } from '../../../core/csv.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { decodeCursor, toPage } from '../../../core/pagination.ts';
import { auditExported } from './events.ts';
import { namesOf } from './names.ts';

interface Row {
  readonly number: string | number;
  readonly occurred_at: Date | string;
  readonly actor_kind: AuditEntry['actor']['kind'];
  readonly actor_id: string | null;
  readonly via: AuditEntry['via'];
  readonly session_id: string | null;
  readonly request_id: string;
  readonly action: string;
  readonly target_kind: string;
  readonly target_id: string | null;
  readonly result: AuditEntry['result'];
  readonly details: AuditEntry['details'];
  readonly address: string | null;
  readonly device: string | null;
  readonly hash: string;
}

const columns = `number, occurred_at, actor_kind, actor_id, via, session_id, request_id, action, target_kind, target_id,
  result, details, address, device, hash`;

const actorKinds: readonly string[] = actorSchema.shape.kind.options;

/** Conditions and their values; `$1` is the workspace. */
function where(filters: AuditFilters, values: unknown[]): string {
  const value = (given: unknown) => `$${values.push(given)}`;
  const { actor, action, result, from, to } = filters;
  return [
    'workspace_id = $1',
    ...(actor ? [`${actorKinds.includes(actor) ? 'actor_kind' : 'actor_id'} = ${value(actor)}`] : []),
    ...(action ? [`action = ${value(action)}`] : []),
    ...(result ? [`result = ${value(result)}`] : []),
    ...(from ? [`occurred_at >= ${value(from)}`] : []),
    ...(to ? [`occurred_at < ${value(to)}`] : []),
  ].join(' and ');
}

/** @throws ParleyError 400 for a cursor that is not ours */
export async function listAudit(
  kernel: Kernel,
  ctx: Context,
  { limit, cursor, ...filters }: AuditFilters & { limit: number; cursor?: string | undefined },
): Promise<AuditPage> {
  const before = cursor ? decodeCursor(cursor, z.tuple([z.int()])) : null;
  const values: unknown[] = [ctx.workspaceId];
  const conditions = where(filters, values) + (before ? ` and number < $${values.push(before[0])}` : '');
  const rows = await ctx.transaction((tx) =>
    tx.sql<Row>(
      `select ${columns} from audit_entries where ${conditions} order by number desc limit ${limit + 1}`,
      values,
    ),
  );
  const { items, nextCursor } = toPage(rows, limit, (row) => [Number(row.number)]);
  return { items: await toEntries(kernel, ctx.workspaceId, items), nextCursor };
}

async function toEntries(kernel: Kernel, workspaceId: string, rows: readonly Row[]): Promise<AuditEntry[]> {
  const names = await namesOf(
    kernel,
    workspaceId,
    rows.flatMap((row) => [
      { kind: row.actor_kind, id: row.actor_id },
      { kind: row.target_kind, id: row.target_id },
    ]),
  );
  return rows.map((row) => ({
    number: Number(row.number),
    occurredAt: new Date(row.occurred_at).toISOString(),
    actor: { kind: row.actor_kind, id: row.actor_id, name: names(row.actor_kind, row.actor_id) },
    via: row.via,
    sessionId: row.session_id,
    requestId: row.request_id,
    action: row.action,
    target: { kind: row.target_kind, id: row.target_id, name: names(row.target_kind, row.target_id) },
    result: row.result,
    address: row.address,
    device: row.device,
    details: row.details,
    hash: row.hash,
  }));
}

const exportPageLength = 500;

/**
 * The entries that fit, from the first on, up to what is there when it begins; its own entry is written first, and in it.
 * Read as fast as it is taken, one page in memory.
 */
export async function exportAudit(
  kernel: Kernel,
  ctx: Context,
  { format, ...filters }: AuditFilters & { format: 'csv' | 'jsonl' },
): Promise<Readable> {
  const named = Object.entries(filters).flatMap(([name, given]) => (given === undefined ? [] : [name]));
  await ctx.transaction(async (tx) => tx.append(auditExported, { format, filters: named }));
  const [end] = await ctx.transaction((tx) =>
    tx.sql<{ number: string | number }>('select number from audit_heads where workspace_id = $1', [
      tx.workspaceId,
    ]),
  );
  const write = format === 'csv' ? csvLine : (entry: AuditEntry) => `${JSON.stringify(entry)}\n`;
  async function* lines() {
    // With the mark without which spreadsheets read accents wrongly.
    if (format === 'csv') yield `\uFEFF${csvColumns.map(([name]) => name).join(',')}\r\n`;
    let after = 0;
    for (;;) {
      const values: unknown[] = [ctx.workspaceId];
      const conditions = where(filters, values);
      const range = `number > $${values.push(after)} and number <= $${values.push(Number(end?.number ?? 0))}`;
      const rows = await ctx.transaction((tx) =>
        tx.sql<Row>(
          `select ${columns} from audit_entries where ${conditions} and ${range} order by number
           limit ${exportPageLength}`,
          values,
        ),
      );
      yield (await toEntries(kernel, ctx.workspaceId, rows)).map(write).join('');
      if (rows.length < exportPageLength) return;
      after = Number(rows.at(-1)?.number);
    }
  }
  return Readable.from(lines());
}

const csvColumns: readonly (readonly [string, (entry: AuditEntry) => string | number | null])[] = [
  ['number', (entry) => entry.number],
  ['occurred_at', (entry) => entry.occurredAt],
  ['actor_kind', (entry) => entry.actor.kind],
  ['actor_id', (entry) => entry.actor.id],
  ['actor_name', (entry) => entry.actor.name],
  ['action', (entry) => entry.action],
  ['target_kind', (entry) => entry.target.kind],
  ['target_id', (entry) => entry.target.id],
  ['target_name', (entry) => entry.target.name],
  ['result', (entry) => entry.result],
  ['via', (entry) => entry.via],
  ['address', (entry) => entry.address],
  ['device', (entry) => entry.device],
  ['session_id', (entry) => entry.sessionId],
  ['request_id', (entry) => entry.requestId],
  ['details', (entry) => JSON.stringify(entry.details)],
  ['hash', (entry) => entry.hash],
];

const csvLine = (entry: AuditEntry) => `${csvColumns.map(([, read]) => csvCell(read(entry))).join(',')}\r\n`;
