// How the audit calls what was done, who did it, and from where.
import type { AuditEntry } from '@parley/contract/audit';
import { useTexts } from '../../lib/texts.ts';
import { auditTexts } from './audit-texts.ts';
import { actionTexts } from './texts-audit-actions.ts';

/** What a newer server calls something that this page does not know is shown as it is. */
export function useActionWords(): (action: string) => string {
  const words: Readonly<Record<string, string>> = useTexts(actionTexts);
  return (action) => words[action] ?? action;
}

export function useActorName(): (entry: AuditEntry) => string {
  const texts = useTexts(auditTexts);
  return ({ actor, via, action }) => {
    if (action === 'sign_in.failed') return texts.somebody;
    if (actor.name) return actor.name;
    if (actor.kind === 'system') return via === 'command' ? texts.operator : texts.server;
    if (actor.kind === 'contact') return texts.contact;
    if (actor.kind === 'assistant') return texts.assistant;
    return texts.somebodyGone;
  };
}

export function useWhere(): (entry: AuditEntry) => string {
  const texts = useTexts(auditTexts);
  return ({ via, address, device }) => {
    if (via === 'command') return texts.command;
    if (via === 'job') return texts.job;
    return [address, device].filter(Boolean).join(' · ') || '—';
  };
}

/** What the alert counts by; the entries themselves say when. */
const notForPeople = new Set(['withinHour']);

/** Short facts; what is an id of something else says nothing to a person. */
export function describeDetails(
  { details, target }: AuditEntry,
  texts: { times: (count: number) => string },
): string {
  const facts = Object.entries(details).flatMap(([name, value]) => {
    if (value === null || notForPeople.has(name)) return [];
    if (name === 'count') return value === 1 ? [] : [texts.times(Number(value))];
    if (typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)) return [];
    const shown = Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? null : String(value);
    return shown ? [`${name}: ${shown}`] : [];
  });
  const isReadable = target.id !== null && !/^[0-9a-zA-Z]{20,}$|^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(target.id);
  const name = target.name ?? (isReadable ? target.id : null);
  return [name, ...facts].filter(Boolean).join(' · ');
}
