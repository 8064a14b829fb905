// How a run ended, in a word with a sign.
import type { Run, RunOutcome } from '@parley/contract/runs';
import {
  CircleCheck,
  CircleSlash,
  CircleX,
  FastForward,
  Gauge,
  Hand,
  LoaderCircle,
  type LucideIcon,
  PencilLine,
} from 'lucide-react';
import { useTexts } from '../../lib/texts.ts';
import { Chip, type Tone } from '../../ui/chip.tsx';
import { runTexts } from './texts-runs.ts';

const signs: Readonly<Record<RunOutcome | 'active', { tone: Tone; icon: LucideIcon }>> = {
  answered: { tone: 'success', icon: CircleCheck },
  drafted: { tone: 'info', icon: PencilLine },
  handed_over: { tone: 'warning', icon: Hand },
  superseded: { tone: 'neutral', icon: FastForward },
  limited: { tone: 'warning', icon: Gauge },
  held_back: { tone: 'neutral', icon: CircleSlash },
  failed: { tone: 'danger', icon: CircleX },
  active: { tone: 'accent', icon: LoaderCircle },
};

export function RunState({ run: { outcome } }: { run: Run }) {
  const texts = useTexts(runTexts);
  const state = outcome ?? 'active';
  return (
    <Chip tone={signs[state].tone} icon={signs[state].icon}>
      {texts[state]}
    </Chip>
  );
}
