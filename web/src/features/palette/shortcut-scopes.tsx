// Keys and what they do, by where they hold.
import type { Shortcut } from '../../lib/shortcuts.ts';
import { useTexts } from '../../lib/texts.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { paletteTexts } from './texts.ts';

type Named = Pick<Shortcut, 'scope' | 'keys' | 'label'>;

/** What is nearest to the member's work first. */
const order = ['thread', 'inbox', undefined, 'global'];

export function ShortcutScopes({ shortcuts }: { shortcuts: readonly Named[] }) {
  const texts = useTexts(paletteTexts);
  const names: Readonly<Record<string, string>> = {
    global: texts.scopeGlobal,
    inbox: texts.scopeInbox,
    thread: texts.scopeConversation,
  };
  const rank = (scope: string) => order.indexOf(scope in names ? scope : undefined);
  const scopes = [...new Set(shortcuts.map(({ scope }) => scope))].sort(
    (one, other) => rank(one) - rank(other),
  );
  return (
    <div className="columns-2 gap-10 phone:columns-1">
      {scopes.map((scope) => (
        <Scope
          key={scope}
          name={names[scope] ?? texts.scopeOther}
          shortcuts={latestOfKeys(shortcuts.filter((shortcut) => shortcut.scope === scope))}
        />
      ))}
    </div>
  );
}

/** Of two with the same keys only the later one holds. */
function latestOfKeys(shortcuts: readonly Named[]): Named[] {
  return [...new Map(shortcuts.map((shortcut) => [shortcut.keys, shortcut])).values()];
}

function Scope({ name, shortcuts }: { name: string; shortcuts: readonly Named[] }) {
  return (
    <section className="mb-5 break-inside-avoid">
      <h3 className="mb-1.5 font-semibold text-meta text-text-muted">{name}</h3>
      <dl>
        {shortcuts.map(({ keys, label }) => (
          <div key={keys} className="flex min-h-8 items-center justify-between gap-4">
            <dt>{label}</dt>
            <dd className="shrink-0">
              <Kbd keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
