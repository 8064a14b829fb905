// Who answers when no model did.
import type { RoutingSettings } from '@parley/contract/routing';
import { Hand, type LucideIcon, Sparkle } from 'lucide-react';
import { RadioGroup } from 'radix-ui';
import { useCan } from '../../lib/session.ts';
import { useTexts } from '../../lib/texts.ts';
import { useChangeRouting } from './routing-queries.ts';
import { routingTexts } from './texts-routing.ts';

type Choice = RoutingSettings['lastResort'];

export function LastResort({ settings }: { settings: RoutingSettings }) {
  const texts = useTexts(routingTexts);
  const mayManage = useCan('assistant:manage');
  const change = useChangeRouting();
  const choices: readonly { value: Choice; label: string; text: string; icon: LucideIcon }[] = [
    { value: 'built_in', label: texts.lastBuiltIn, text: texts.lastBuiltInText, icon: Sparkle },
    { value: 'person', label: texts.lastPerson, text: texts.lastPersonText, icon: Hand },
  ];
  return (
    <RadioGroup.Root
      aria-label={texts.lastResort}
      value={settings.lastResort}
      onValueChange={(value) => change({ lastResort: value as Choice })}
      disabled={!mayManage}
      className="grid grid-cols-2 gap-3 phone:grid-cols-1"
    >
      {choices.map(({ value, label, text, icon: Icon }) => (
        <RadioGroup.Item
          key={value}
          value={value}
          className="flex flex-col items-start gap-1 rounded-control border border-line bg-surface-raised p-4 text-left transition-colors duration-[120ms] hover:bg-surface-hover disabled:opacity-70 data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft"
        >
          <span className="flex items-center gap-2 font-semibold">
            <Icon size={16} aria-hidden="true" />
            {label}
          </span>
          <span className="text-meta text-text-muted">{text}</span>
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
