// The bottom bar of a phone: three places and the rest, within reach of a thumb.
import { clsx } from 'clsx';
import { Ellipsis, Smartphone } from 'lucide-react';
import { NavLink, useNavigate } from 'react-router';
import { usePhoneAvailable } from '../features/phone/phone-available.ts';
import { setScreen } from '../lib/store.ts';
import { useTexts } from '../lib/texts.ts';
import { Menu } from '../ui/menu.tsx';
import { useAccountItems } from './account-items.ts';
import type { Place } from './places.ts';
import { appTexts } from './texts.ts';

const inBar = 3;
const look = 'flex min-w-0 flex-1 flex-col items-center gap-0.5 pt-2 pb-1.5 font-medium text-tiny';

export function BottomBar({ places, className }: { places: readonly Place[]; className?: string }) {
  const texts = useTexts(appTexts);
  const navigate = useNavigate();
  const accountItems = useAccountItems();
  const phoneAvailable = usePhoneAvailable();
  return (
    <nav
      aria-label={texts.navigation}
      className={clsx('shrink-0 border-line border-t bg-surface-sunken pad-safe-bottom', className)}
    >
      {places.slice(0, inBar).map(({ path, label, icon: Icon }) => (
        <NavLink
          key={path}
          to={path}
          className={({ isActive }) =>
            clsx(look, 'focus-inside', isActive ? 'text-accent-text' : 'text-text-muted')
          }
        >
          <Icon size={22} strokeWidth={1.75} aria-hidden="true" />
          {label}
        </NavLink>
      ))}
      <Menu
        side="top"
        align="end"
        items={[
          // Settings stand among the member's own.
          ...places
            .slice(inBar)
            .filter(({ path }) => path !== '/settings')
            .map(({ path, label, icon }) => ({ label, icon, onSelect: () => void navigate(path) })),
          ...(phoneAvailable
            ? [{ label: texts.openPhone, icon: Smartphone, onSelect: () => setScreen({ phoneOpen: true }) }]
            : []),
          'line',
          ...accountItems,
        ]}
        trigger={
          <button type="button" className={clsx(look, 'focus-inside text-text-muted')}>
            <Ellipsis size={22} strokeWidth={1.75} aria-hidden="true" />
            {texts.more}
          </button>
        }
      />
    </nav>
  );
}
