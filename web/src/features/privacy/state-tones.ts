import type { Tone } from '../../ui/chip.tsx';

export const stateTones = {
  running: 'info',
  done: 'success',
  failed: 'danger',
  canceled: 'neutral',
  expired: 'neutral',
} as const satisfies Record<string, Tone>;
