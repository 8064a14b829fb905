// The phone of the demo: handsets from which the workspace's numbers are texted as a customer, beside the inbox that moves.
// A pane of the page on wide screens, a sheet on others.
import type { Handset, Phone } from '@parley/contract/phone';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { PhoneOff, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { formatPhone, useFormat } from '../../lib/format.ts';
import { useSession } from '../../lib/session.ts';
import { setScreen, useScreen } from '../../lib/store.ts';
import { useTexts } from '../../lib/texts.ts';
import { useWide } from '../../lib/use-wide.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Select } from '../../ui/select.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { FaultsPanel } from './faults-panel.tsx';
import { HandsetView } from './handset-view.tsx';
import './phone.css';
import { phoneOptions } from './queries.ts';
import { phoneTexts } from './texts.ts';

/** Shows nothing where there is no phone. */
export function PhoneDrawer() {
  const texts = useTexts(phoneTexts);
  const { data: phone } = useQuery(phoneOptions);
  const isWide = useWide();
  const open = useScreen((screen) => screen.phoneOpen);
  const close = () => setScreen({ phoneOpen: false });

  // A newcomer, who has neither opened nor closed it, finds it open where it hides nothing.
  useEffect(() => {
    if (phone && isWide && open === null) setScreen({ phoneOpen: true });
  }, [phone, isWide, open]);

  if (!phone) return null;
  if (!isWide) {
    return (
      <Sheet
        open={open === true}
        onOpenChange={(next) => setScreen({ phoneOpen: next })}
        title={texts.phone}
        className="phone:w-full phone:border-0"
      >
        <div className="flex h-full flex-col">
          <PhoneBody phone={phone} />
        </div>
      </Sheet>
    );
  }
  if (!open) return null;
  return (
    <aside
      aria-label={texts.phone}
      data-tour="phone"
      className="flex w-88 shrink-0 animate-slide-in-right flex-col border-line border-l bg-surface-sunken"
    >
      <header className="flex items-start gap-2 pt-3 pr-2 pb-1 pl-4">
        <div className="grow">
          <h2 className="font-semibold">{texts.phone}</h2>
          <p className="text-meta text-text-muted">{texts.intro}</p>
        </div>
        <IconButton label={texts.close} icon={X} onClick={close} tooltipSide="left" />
      </header>
      <PhoneBody phone={phone} />
    </aside>
  );
}

function PhoneBody({ phone }: { phone: Phone }) {
  const texts = useTexts(phoneTexts);
  const { workspace } = useSession();
  const [handsetNumber, setHandsetNumber] = useState<string>();
  const [address, setAddress] = useState<string>();
  const handset = phone.handsets.find(({ number }) => number === handsetNumber) ?? phone.handsets[0];
  const number = phone.numbers.find((each) => each.address === address) ?? phone.numbers[0];
  if (!handset || !number)
    return <EmptyState icon={PhoneOff} title={texts.noNumbers} text={texts.noNumbersText} />;

  return (
    <div className="flex min-h-0 grow flex-col gap-3 px-4 pt-2 pb-2">
      <HandsetChoice handsets={phone.handsets} chosen={handset} onChoose={setHandsetNumber} />
      {phone.numbers.length > 1 && (
        <Select
          aria-label={texts.number}
          value={number.address}
          onChange={setAddress}
          options={phone.numbers.map((each) => ({
            value: each.address,
            label: `${each.name} · ${formatPhone(each.address)}`,
          }))}
        />
      )}
      <HandsetView
        key={handset.number}
        handset={handset}
        number={number}
        pictures={phone.pictures}
        peer={workspace.name}
      />
      <div className="flex shrink-0 justify-center">
        <FaultsPanel />
      </div>
    </div>
  );
}

interface HandsetChoiceProps {
  handsets: readonly Handset[];
  chosen: Handset;
  onChoose: (number: string) => void;
}

function HandsetChoice({ handsets, chosen, onChoose }: HandsetChoiceProps) {
  const texts = useTexts(phoneTexts);
  const format = useFormat();
  return (
    <fieldset className="flex shrink-0 gap-1 rounded-control border border-line bg-surface p-1">
      <legend className="sr-only">{texts.whose}</legend>
      {handsets.map((handset) => (
        <label
          key={handset.number}
          title={formatPhone(handset.number)}
          className={clsx(
            'flex min-w-0 flex-1 cursor-pointer items-center justify-center rounded-small px-2 py-1 text-center has-focus-visible:outline-2 has-focus-visible:outline-accent phone:min-h-11',
            handset === chosen ? 'bg-surface-selected text-accent-text' : 'hover:bg-surface-hover',
          )}
        >
          <input
            type="radio"
            name="handset"
            className="sr-only"
            checked={handset === chosen}
            onChange={() => onChoose(handset.number)}
          />
          <span className="min-w-0 leading-tight">
            <span className="block truncate font-medium text-meta">{handset.name}</span>
            <span className="block truncate text-text-muted text-tiny">
              {format.languageName(handset.language)}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
