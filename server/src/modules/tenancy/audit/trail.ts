// Writes the audit: entries at the end of their chain, in the transaction that did what they tell of; and the alerts that
// come of some of them.
import { randomBytes } from 'node:crypto';
import type { AuditedEvent, AuditTrail } from '../../../core/audit.ts';
import { systemActor } from '../../../core/context.ts';
import type { Vault } from '../../../core/crypto.ts';
import type { Queries } from '../../../core/database.ts';
import type { NewEvent } from '../../../core/events.ts';
import { newId } from '../../../core/identifiers.ts';
import { chainStart, hashEntry, hashOrigin, headPlace, headText, toMicroseconds } from './chain.ts';
import { securityAlerted } from './events.ts';

interface Head {
  readonly number: number;
  readonly hash: string;
}

const lockHead = {
  name: 'audit_head_lock',
  text: 'select number, hash from audit_heads where workspace_id = $1 for update',
};
const startHead = {
  name: 'audit_head_start',
  text: `insert into audit_heads (workspace_id, number, hash, sealed) values ($1, 0, $2, $3)
    on conflict (workspace_id) do nothing`,
};
const moveHead = {
  name: 'audit_head_move',
  text: 'update audit_heads set number = $2, hash = $3, sealed = $4 where workspace_id = $1',
};
const insertEntries = {
  name: 'audit_insert',
  text: `insert into audit_entries (workspace_id, number, occurred_at, actor_kind, actor_id, via, session_id,
      request_id, action, target_kind, target_id, result, details, address, device, origin_salt, origin_hash,
      previous_hash, hash)
    select $1, e."number", e."occurredAt", e."actorKind", e."actorId", e.via, e."sessionId", e."requestId", e.action,
      e."targetKind", e."targetId", e.result, e.details, e.address, e.device, e."originSalt", e."originHash",
      e."previousHash", e.hash
    from jsonb_to_recordset($2::jsonb) as e("number" bigint, "occurredAt" timestamptz, "actorKind" text,
      "actorId" text, via text, "sessionId" text, "requestId" text, action text, "targetKind" text, "targetId" text,
      result text, details jsonb, address text, device text, "originSalt" text, "originHash" text,
      "previousHash" text, hash text)`,
};
// The same thing again counts up what stands open, and is told anew once an hour.
const raiseAlert = {
  name: 'security_alert_raise',
  text: `insert into security_alerts (id, workspace_id, kind, target_kind, target_id, times, first_at, last_at, told_at,
      told_times, entry_number)
    values ($2, $1, $3, $4, $5, 1, $6, $6, $6, 1, $7)
    on conflict (workspace_id, kind, target_kind, target_id) where dismissed_at is null do update set
      times = security_alerts.times + 1,
      last_at = excluded.last_at,
      entry_number = excluded.entry_number,
      told_at = case when security_alerts.told_at <= excluded.last_at - interval '1 hour' then excluded.last_at
        else security_alerts.told_at end,
      told_times = case when security_alerts.told_at <= excluded.last_at - interval '1 hour'
        then security_alerts.times + 1 else security_alerts.told_times end
    returning id, told_times = times as told`,
};

export const trail: AuditTrail = {
  write: async ({ queries, workspaceId, vault }, audited, occurredAt) => {
    const head = await lock(queries, workspaceId, vault);
    const entries = link(workspaceId, head, audited, occurredAt);
    const last = entries.at(-1);
    if (!last) return [];
    queries.last(insertEntries, [workspaceId, JSON.stringify(entries)]);
    const sealed = vault.seal(headText(last.number, last.hash), headPlace(workspaceId));
    queries.last(moveHead, [workspaceId, last.number, last.hash, sealed]);
    const told: NewEvent[] = [];
    for (const [index, { event, rule }] of audited.entries()) {
      const entry = entries[index];
      if (!entry || !rule.alerts?.(event.payload)) continue;
      const { action, targetKind, targetId, number } = entry;
      const [alert] = await queries.sql<{ id: string; told: boolean }>(raiseAlert, [
        workspaceId,
        newId(),
        action,
        targetKind,
        targetId ?? '',
        occurredAt,
        number,
      ]);
      if (!alert?.told) continue;
      const payload = { alertId: alert.id, kind: action, targetKind, targetId, entryNumber: number };
      const { id: actorId, kind } = systemActor;
      told.push({
        id: newId(),
        type: securityAlerted.type,
        payload: securityAlerted.payload.parse(payload),
        actor: { kind, id: actorId },
        requestId: event.requestId,
      });
    }
    return told;
  },
};

async function lock(queries: Queries, workspaceId: string, vault: Vault): Promise<Head> {
  const read = async () => {
    const [row] = await queries.sql<{ number: string | number; hash: string }>(lockHead, [workspaceId]);
    return row && { number: Number(row.number), hash: row.hash };
  };
  const known = await read();
  if (known) return known;
  const hash = chainStart(workspaceId);
  await queries.sql(startHead, [workspaceId, hash, vault.seal(headText(0, hash), headPlace(workspaceId))]);
  const started = await read();
  if (!started) throw new Error('the audit of this workspace has no end to append to');
  return started;
}

function link(workspaceId: string, head: Head, audited: readonly AuditedEvent[], occurredAt: Date) {
  let { number, hash } = head;
  return audited.map(({ event, rule, origin }) => {
    const { [rule.id ?? '']: target, ...details } = event.payload as Record<string, unknown>;
    number += 1;
    const fields = {
      number,
      occurredAt: toMicroseconds(occurredAt),
      actorKind: event.actor.kind,
      actorId: event.actor.id,
      via: origin.via,
      sessionId: origin.sessionId,
      requestId: event.requestId,
      action: event.type,
      targetKind: rule.target,
      targetId: typeof target === 'string' ? target : null,
      result: rule.result ?? 'done',
      // As it will be read: without fields that are undefined.
      details: JSON.parse(JSON.stringify(details)) as unknown,
    };
    const { address, device } = origin;
    const originSalt = randomBytes(16).toString('hex');
    const originHash = hashOrigin(originSalt, address, device);
    const previousHash = hash;
    hash = hashEntry(workspaceId, fields, originHash, previousHash);
    return { ...fields, address, device, originSalt, originHash, previousHash, hash };
  });
}
