// The keys of a shortcut, drawn as keycaps.
import { showKeys } from '../lib/shortcuts.ts';

export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="inline-flex items-center gap-0.5">
      {showKeys(keys).map((key, index) => (
        <kbd
          // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be pressed twice
          key={`${key} ${index}`}
          className="min-w-4.5 rounded-small border border-current/25 px-1 text-center font-sans text-tiny"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
