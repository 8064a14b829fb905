// A button that is only a sign: its name is in a tooltip, and always there for a screen reader.
import { clsx } from 'clsx';
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { Tooltip } from './tooltip.tsx';

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label' | 'children'> {
  /** What it does: a verb. */
  label: string;
  icon: LucideIcon;
  /** Shown beside the name: `mod+k`. */
  keys?: string;
  /** For what is on or off. */
  pressed?: boolean;
  tone?: 'neutral' | 'accent' | 'danger';
  size?: 'regular' | 'small';
  tooltipSide?: 'top' | 'right' | 'bottom' | 'left';
  /** For a sign that everybody knows, where a tooltip would be in the way (it takes the first Escape). */
  tooltipHidden?: boolean;
}

export function IconButton({
  label,
  icon: Icon,
  keys,
  pressed,
  tone = 'neutral',
  size = 'regular',
  tooltipSide,
  tooltipHidden = false,
  className,
  ...rest
}: IconButtonProps) {
  const button = (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      className={clsx(
        'inline-grid shrink-0 place-items-center rounded-control transition-colors duration-[120ms] phone:size-11',
        size === 'small' ? 'size-7' : 'size-8',
        tone === 'neutral' && 'text-text-muted hover:bg-surface-hover hover:text-text',
        tone === 'accent' && 'bg-accent text-on-accent hover:bg-accent-hover',
        tone === 'danger' && 'text-danger-text hover:bg-danger-soft',
        pressed && tone === 'neutral' && 'bg-surface-selected text-accent-text',
        'disabled:pointer-events-none disabled:opacity-45',
        className,
      )}
      {...rest}
    >
      <Icon size={size === 'small' ? 16 : 18} aria-hidden="true" />
    </button>
  );
  if (tooltipHidden) return button;
  return (
    <Tooltip text={label} keys={keys} side={tooltipSide}>
      {button}
    </Tooltip>
  );
}
