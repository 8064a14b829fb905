// A person as their initials, or the assistant as its mark. Decoration: the name always stands beside it.
import { clsx } from 'clsx';
import { Sparkle, User } from 'lucide-react';

export interface AvatarProps {
  /** Null for somebody without a name. */
  name: string | null;
  kind?: 'contact' | 'member' | 'assistant';
  size?: 20 | 24 | 32 | 40;
  className?: string;
}

/** The first letters of the first and the last word. */
export function initials(name: string): string {
  const words = name
    .split(/\s+/)
    .map((word) => /\p{L}|\p{N}/u.exec(word)?.[0] ?? '')
    .filter(Boolean);
  return ((words[0] ?? '') + (words.length > 1 ? (words.at(-1) ?? '') : '')).toLocaleUpperCase();
}

export function Avatar({ name, kind = 'contact', size = 32, className }: AvatarProps) {
  const letters = name ? initials(name) : '';
  return (
    <span
      aria-hidden="true"
      style={{ width: size, height: size, fontSize: size * 0.38 }}
      className={clsx(
        'inline-grid shrink-0 select-none place-items-center font-semibold tracking-tight',
        kind === 'assistant' ? 'rounded-[30%]' : 'rounded-full',
        kind === 'contact' && 'bg-surface-hover text-text-muted',
        kind === 'member' && 'bg-accent text-on-accent',
        kind === 'assistant' && 'bg-accent-soft text-accent-text',
        className,
      )}
    >
      {kind === 'assistant' ? (
        <Sparkle size={size * 0.5} strokeWidth={2.25} />
      ) : (
        letters || <User size={size * 0.5} />
      )}
    </span>
  );
}
