// How the audit calls what was done, who did it, from where, and what else an entry tells.
import type { AuditEntry } from '@parley/contract/audit';
import { useFormat } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { auditTexts } from './audit-texts.ts';
import { usePermissionWords } from './permission-words.ts';
import { actionTexts } from './texts-audit-actions.ts';
import { factTexts } from './texts-audit-facts.ts';
import { valueTexts } from './texts-audit-values.ts';

type Words = Readonly<Record<string, unknown>>;
const said = (words: Words, name: string): string | undefined => {
  const word = Object.hasOwn(words, name) ? words[name] : undefined;
  return typeof word === 'string' ? word : undefined;
};

/** What a newer server calls something that this page does not know is shown as it is. */
export function useActionWords(): (action: string) => string {
  const words: Words = useTexts(actionTexts);
  return (action) => said(words, action) ?? action;
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
const ofPermissions = new Set(['permissions', 'given', 'taken']);
/** Of something else; it says nothing to a person. */
const anId = /^[0-9a-zA-Z]{20,}$|^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const aMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:[\d.]+Z$/;

interface Kept {
  readonly kind: string;
  readonly days: number | null;
  readonly previous: number | null;
}
const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && 'kind' in value && 'days' in value && 'previous' in value;

/** Short facts, in the member's words. */
export function useDetails(): (entry: AuditEntry) => string {
  const format = useFormat();
  const texts = useTexts(auditTexts);
  const facts: Words = useTexts(factTexts);
  const values = useTexts(valueTexts);
  const actionOf = useActionWords();
  const permissions = usePermissionWords();

  const sayValue = (name: string, value: unknown): string | null => {
    if (Array.isArray(value))
      return (
        value
          .map((one) => sayValue(name, one))
          .filter(Boolean)
          .join(', ') || null
      );
    if (isKept(value)) {
      const time = (days: number | null) => (days === null ? values.forEver : values.days(days));
      return `${said(values, value.kind) ?? value.kind} ${time(value.previous)} → ${time(value.days)}`;
    }
    if (typeof value === 'number') return format.number(value);
    if (typeof value === 'boolean') return said(values, String(value)) ?? null;
    if (typeof value !== 'string' || anId.test(value)) return null;
    if (ofPermissions.has(name)) return permissions.permission({ name: value, allows: value });
    if (name === 'kind') return actionOf(value);
    if (aMoment.test(value)) return format.exact(value);
    return said(values, value) ?? value;
  };
  const sayFact = ([name, value]: [string, unknown]): string | null => {
    if (value === null || notForPeople.has(name)) return null;
    if (name === 'count') return value === 1 ? null : texts.times(Number(value));
    const shown = sayValue(name, value);
    return shown && `${said(facts, name) ?? name}: ${shown}`;
  };
  return ({ details, target }) => {
    const name = target.name ?? (target.id !== null && !anId.test(target.id) ? target.id : null);
    return [name, ...Object.entries(details).map(sayFact)].filter(Boolean).join(' · ');
  };
}
