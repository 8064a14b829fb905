// Permissions to choose from, by area. What one has not oneself cannot be given, and says so.
import { useSession } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { peopleTexts } from './people-texts.ts';
import { byArea, usePermissionWords } from './permission-words.ts';
import { usePermissionTable } from './roles.ts';

interface PermissionPickerProps {
  /** What they are chosen for, for a screen reader. */
  label: string;
  value: ReadonlySet<string>;
  onChange: (value: ReadonlySet<string>) => void;
}

export function PermissionPicker({ label, value, onChange }: PermissionPickerProps) {
  const texts = useTexts(peopleTexts);
  const words = usePermissionWords();
  const { permissions: own } = useSession();
  const table = usePermissionTable();
  if (!table.data) return <Skeleton className="h-40 w-full" />;
  const offered = table.data.items.filter(({ ownersOnly }) => !ownersOnly);
  const set = (names: readonly string[], checked: boolean) => {
    const next = new Set(value);
    for (const name of names) checked ? next.add(name) : next.delete(name);
    onChange(next);
  };
  return (
    <fieldset className="min-w-0">
      <legend className="mb-2 flex w-full items-baseline justify-between gap-3">
        <span className="font-medium text-body">{label}</span>
        <span className="text-meta text-text-muted" data-figures>
          {texts.countChosen(value.size)}
        </span>
      </legend>
      <div className="grid grid-cols-2 gap-x-6 gap-y-4 phone:grid-cols-1">
        {byArea(offered).map(([area, items]) => {
          const mine = items.filter(({ name }) => own.has(name)).map(({ name }) => name);
          const chosen = items.filter(({ name }) => value.has(name)).length;
          return (
            <div key={area} className="flex flex-col gap-1.5">
              <Checkbox
                className="font-medium"
                label={words.area(area)}
                checked={chosen === 0 ? false : chosen === items.length ? true : 'indeterminate'}
                disabled={mine.length === 0}
                onChange={() => set(mine, !mine.every((name) => value.has(name)))}
              />
              {items.map((permission) => (
                <Checkbox
                  key={permission.name}
                  className="pl-6 text-meta"
                  label={
                    own.has(permission.name) ? (
                      words.permission(permission)
                    ) : (
                      <>
                        {words.permission(permission)}{' '}
                        <span className="text-meta text-text-muted">({texts.notYours})</span>
                      </>
                    )
                  }
                  checked={value.has(permission.name)}
                  disabled={!own.has(permission.name)}
                  onChange={(checked) => set([permission.name], checked)}
                />
              ))}
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}
