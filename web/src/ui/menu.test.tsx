import { screen, waitFor } from '@testing-library/react';
import { Archive } from 'lucide-react';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { renderInApp } from '../../test/render.tsx';
import { Avatar } from './avatar.tsx';
import { Dialog } from './dialog.tsx';
import { IconButton } from './icon-button.tsx';
import { Menu } from './menu.tsx';

const trigger = <IconButton label="More" icon={Archive} />;

test('a menu opens from the keyboard, and gives the focus back before it does what was chosen', async () => {
  const focused: (string | null)[] = [];
  const onSelect = vi.fn(() => focused.push(document.activeElement?.getAttribute('aria-label') ?? null));
  const { user } = renderInApp(<Menu trigger={trigger} items={[{ label: 'Archive', onSelect }]} />);
  await user.tab();
  await user.keyboard('{ArrowDown}');
  await screen.findByRole('menu', { name: 'More' });
  await user.keyboard('{ArrowDown}{Enter}');
  await waitFor(() => expect(onSelect).toHaveBeenCalledTimes(1));
  expect(focused).toEqual(['More']);
  expect(screen.queryByRole('menu')).toBeNull();
});

test('a menu is called what its button says, without what is only seen in it', async () => {
  const { user } = renderInApp(
    <Menu
      trigger={
        <button type="button">
          <Avatar name="Rosa Diaz" kind="member" />
          <span className="sr-only">Account: Rosa Diaz</span>
        </button>
      }
      items={[{ label: 'Settings', onSelect: () => undefined }]}
    />,
  );
  await user.click(screen.getByRole('button', { name: 'Account: Rosa Diaz' }));
  const menu = await screen.findByRole('menu');
  expect(menu.getAttribute('aria-label')).toBe('Account: Rosa Diaz');
});

test('a row that has a menu is not clicked by what is chosen in it', async () => {
  const onRow = vi.fn();
  const onSelect = vi.fn();
  const { user } = renderInApp(
    // biome-ignore lint/a11y/noStaticElementInteractions: stands for a row of a list
    // biome-ignore lint/a11y/useKeyWithClickEvents: stands for a row of a list
    <div onClick={onRow}>
      <Menu trigger={trigger} items={[{ label: 'Archive', onSelect }]} />
    </div>,
  );
  await user.click(screen.getByRole('button', { name: 'More' }));
  const item = await screen.findByRole('menuitem', { name: 'Archive' });
  onRow.mockClear();
  await user.click(item);
  await waitFor(() => expect(onSelect).toHaveBeenCalled());
  expect(onRow).not.toHaveBeenCalled();
});

test('a dialog that was opened from a menu gives the focus back to the button of the menu', async () => {
  function Probe() {
    const [open, setOpen] = useState(false);
    return (
      <>
        <Menu trigger={trigger} items={[{ label: 'Ask', onSelect: () => setOpen(true) }]} />
        <Dialog open={open} onOpenChange={setOpen} title="Question" />
      </>
    );
  }
  const { user } = renderInApp(<Probe />);
  await user.click(screen.getByRole('button', { name: 'More' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Ask' }));
  await screen.findByRole('dialog', { name: 'Question' });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'More' })));
});
