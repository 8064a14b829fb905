// Every action that can be in the audit: the events whose definitions say so. The composition root knows all of them.
import { definePort } from '../../../core/context.ts';
import type { EventDefinition } from '../../../core/events.ts';

export const auditedActions = definePort<readonly string[]>('audited actions');

export const actionsOf = (events: readonly EventDefinition[]): readonly string[] =>
  events.flatMap(({ type, audit }) => (audit ? [type] : [])).sort();
