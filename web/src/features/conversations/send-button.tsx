// Send; and beside it, send later.
import { CalendarClock, SendHorizontal } from 'lucide-react';
import { Suspense, useState } from 'react';
import { useFormat } from '../../lib/format.ts';
import { lazyPart } from '../../lib/lazy-part.tsx';
import { useNow } from '../../lib/now.ts';
import { useTexts } from '../../lib/texts.ts';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { momentsFrom } from './moments.ts';
import { composeTexts } from './texts-compose.ts';

const MomentDialog = lazyPart(async () => (await import('./moment-dialog.tsx')).MomentDialog);

interface SendButtonProps {
  readonly disabled: boolean;
  /** Without a moment: now. */
  readonly onSend: (at?: Date) => void;
}

export function SendButton({ disabled, onSend }: SendButtonProps) {
  const texts = useTexts(composeTexts);
  const format = useFormat();
  const [isPicking, setPicking] = useState(false);
  // The page may have stood open over night.
  const nowMs = useNow();
  const names = {
    later_today: texts.laterToday,
    tonight: texts.tonight,
    tomorrow: texts.tomorrow,
    next_week: texts.nextWeek,
  };
  return (
    <>
      <Menu
        align="end"
        side="top"
        trigger={<IconButton label={texts.sendLater} icon={CalendarClock} disabled={disabled} />}
        items={[
          { heading: texts.sendLater },
          ...momentsFrom(new Date(nowMs)).map(({ name, at }) => ({
            label: `${names[name]} · ${format.time(at)}`,
            onSelect: () => onSend(at),
          })),
          { label: texts.pickMoment, onSelect: () => setPicking(true) },
        ]}
      />
      <Button variant="primary" icon={SendHorizontal} disabled={disabled} onClick={() => onSend()}>
        {texts.send}
      </Button>
      {isPicking && (
        <Suspense>
          <MomentDialog
            title={texts.sendLaterTitle}
            actionLabel={texts.schedule}
            onChoose={onSend}
            onClose={() => setPicking(false)}
          />
        </Suspense>
      )}
    </>
  );
}
