// The numbers of an account, of which some are chosen.
import type { InspectedAccount } from '@parley/contract/channels';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { formatPhone } from '../../lib/format.ts';
import { useTexts } from '../../lib/texts.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Chip } from '../../ui/chip.tsx';
import { Input } from '../../ui/input.tsx';
import { channelsTexts } from './texts.ts';

/** From so many on they are searched. */
const searchFrom = 8;

export interface ChooseNumbersProps {
  account: InspectedAccount;
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

export function ChooseNumbers({ account, chosen, onChange }: ChooseNumbersProps) {
  const texts = useTexts(channelsTexts);
  const [words, setWords] = useState('');
  const numbers = account.numbers ?? [];
  const digits = words.replace(/\D/g, '');
  const shown = numbers.filter(
    ({ phoneNumber, label }) =>
      words.trim() === '' ||
      label.toLocaleLowerCase().includes(words.trim().toLocaleLowerCase()) ||
      (digits !== '' && phoneNumber.includes(digits)),
  );
  if (numbers.length === 0) return <p className="py-6 text-center text-text-muted">{texts.noNumbers}</p>;
  return (
    <>
      <p className="mb-3">{texts.accountIs(account.accountName ?? '')}</p>
      {numbers.length >= searchFrom && (
        <Input
          icon={Search}
          type="search"
          aria-label={texts.findNumber}
          placeholder={texts.findNumber}
          value={words}
          onChange={(event) => setWords(event.target.value)}
          className="mb-2"
        />
      )}
      <ul className="max-h-80 overflow-y-auto">
        {shown.map(({ phoneNumber, label, channelId }) => (
          <li
            key={phoneNumber}
            className="flex items-center justify-between gap-3 border-line border-b py-2.5"
          >
            <Checkbox
              label={
                <span data-figures>
                  {formatPhone(phoneNumber)}
                  {label !== phoneNumber && <span className="ml-2 text-meta text-text-muted">{label}</span>}
                </span>
              }
              checked={channelId !== null || chosen.has(phoneNumber)}
              disabled={channelId !== null}
              onChange={(checked) => {
                const next = new Set(chosen);
                if (checked) next.add(phoneNumber);
                else next.delete(phoneNumber);
                onChange(next);
              }}
            />
            {channelId !== null && <Chip tone="success">{texts.isConnected}</Chip>}
          </li>
        ))}
      </ul>
    </>
  );
}
