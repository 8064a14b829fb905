// Where something that was done came from, and the port behind which the audit is kept. An event whose definition says
// so is written into it by the transaction that appends the event: no module calls the audit by hand.
import { definePort, type Origin } from './context.ts';
import type { Vault } from './crypto.ts';
import type { Queries } from './database.ts';
import type { AuditRule, NewEvent } from './events.ts';

export interface AuditedEvent {
  readonly event: NewEvent;
  readonly rule: AuditRule;
  readonly origin: Origin;
}

export interface AuditTrail {
  /** Writes entries at the end of a workspace's open transaction. Resolves with the events that come of them. */
  write(
    transaction: { readonly queries: Queries; readonly workspaceId: string; readonly vault: Vault },
    audited: readonly AuditedEvent[],
    occurredAt: Date,
  ): Promise<readonly NewEvent[]>;
}

export const auditTrail = definePort<AuditTrail>('audit trail');

/** The server by itself: nobody asked for it over HTTP. */
export const serverOrigin: Origin = { via: 'server', address: null, device: null, sessionId: null };
/** A job; the request that enqueued it is found by its request id. */
export const jobOrigin: Origin = { ...serverOrigin, via: 'job' };
export const commandOrigin: Origin = { ...serverOrigin, via: 'command' };
