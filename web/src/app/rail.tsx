// The rail of a wide screen: every place, the phone, and the member's own menu.
import { Smartphone } from 'lucide-react';
import { NavLink } from 'react-router';
import { usePhoneAvailable } from '../features/phone/phone-available.ts';
import { useSession } from '../lib/session.ts';
import { setScreen, useScreen } from '../lib/store.ts';
import { useTexts } from '../lib/texts.ts';
import { Avatar } from '../ui/avatar.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu } from '../ui/menu.tsx';
import { Tooltip } from '../ui/tooltip.tsx';
import { useAccountItems } from './account-items.ts';
import { Mark } from './mark.tsx';
import type { Place } from './places.ts';
import { appTexts } from './texts.ts';

export function Rail({ places }: { places: readonly Place[] }) {
  const texts = useTexts(appTexts);
  const { user } = useSession();
  const accountItems = useAccountItems();
  const phoneAvailable = usePhoneAvailable();
  const phoneOpen = useScreen((screen) => screen.phoneOpen);
  return (
    <nav
      aria-label={texts.navigation}
      className="flex w-14 shrink-0 flex-col items-center gap-1 border-line border-r bg-surface-sunken py-3 phone:hidden"
    >
      <div className="mb-3">
        <Mark size={28} />
      </div>
      {places.map(({ path, label, icon: Icon, keys }) => (
        <Tooltip key={path} text={label} keys={keys} side="right">
          <NavLink
            to={path}
            aria-label={label}
            // By `aria-current`, which the link sets itself: a function here would not survive the tooltip around it.
            className="grid size-10 place-items-center rounded-control text-text-muted transition-colors duration-[120ms] hover:bg-surface-hover hover:text-text aria-[current=page]:bg-surface-selected aria-[current=page]:text-accent-text"
          >
            <Icon size={20} strokeWidth={1.75} aria-hidden="true" />
          </NavLink>
        </Tooltip>
      ))}
      <div className="mt-auto flex flex-col items-center gap-2">
        {phoneAvailable && (
          <IconButton
            label={phoneOpen ? texts.closePhone : texts.openPhone}
            icon={Smartphone}
            pressed={phoneOpen === true}
            tooltipSide="right"
            className="size-10"
            onClick={() => setScreen({ phoneOpen: !phoneOpen })}
          />
        )}
        <Menu
          side="right"
          align="end"
          items={accountItems}
          trigger={
            <button type="button" className="grid size-10 place-items-center rounded-full">
              <Avatar name={user.name} kind="member" size={32} />
              {/* Not a label: it would have to hold the initials, which are seen and not said. */}
              <span className="sr-only">{`${texts.account}: ${user.name}`}</span>
            </button>
          }
        />
      </div>
    </nav>
  );
}
