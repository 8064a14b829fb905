import { render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { Dialog } from '../ui/dialog.tsx';
import { UiProvider } from '../ui/provider.tsx';
import { registerShortcut, useShortcut, useShortcuts } from './shortcuts.ts';

function Probe({ keys, run, enabled = true }: { keys: string; run: () => void; enabled?: boolean }) {
  useShortcut('probe', keys, `Do ${keys}`, run, enabled);
  const shortcuts = useShortcuts();
  return (
    <>
      <input aria-label="field" />
      <ul>
        {shortcuts.map(({ label }) => (
          <li key={label}>{label}</li>
        ))}
      </ul>
    </>
  );
}

test('a key does what was registered, and nothing while somebody types', async () => {
  const user = userEvent.setup();
  const run = vi.fn();
  render(<Probe keys="j" run={run} />);
  await user.keyboard('j');
  expect(run).toHaveBeenCalledTimes(1);
  await user.type(screen.getByLabelText('field'), 'jjj');
  expect(run).toHaveBeenCalledTimes(1);
});

test('a key with Ctrl works while somebody types', async () => {
  const user = userEvent.setup();
  const run = vi.fn();
  render(<Probe keys="mod+k" run={run} />);
  await user.click(screen.getByLabelText('field'));
  await user.keyboard('{Control>}k{/Control}');
  expect(run).toHaveBeenCalledTimes(1);
});

test('two keys after each other are one shortcut, and a sign that needs Shift is called by itself', async () => {
  const user = userEvent.setup();
  const sequence = vi.fn();
  const help = vi.fn();
  const stops = [
    registerShortcut({ scope: 'global', keys: 'g i', label: 'Inbox', run: sequence }),
    registerShortcut({ scope: 'global', keys: '?', label: 'Help', run: help }),
  ];
  await user.keyboard('gi');
  expect(sequence).toHaveBeenCalledTimes(1);
  await user.keyboard('i');
  expect(sequence).toHaveBeenCalledTimes(1);
  await user.keyboard('{Shift>}?{/Shift}');
  expect(help).toHaveBeenCalledTimes(1);
  for (const stop of stops) stop();
});

test('of two with the same keys the later wins, and the first is back when it goes', async () => {
  const user = userEvent.setup();
  const [first, second] = [vi.fn(), vi.fn()];
  const stopFirst = registerShortcut({ scope: 'global', keys: 'e', label: 'First', run: first });
  const stopSecond = registerShortcut({ scope: 'thread', keys: 'e', label: 'Second', run: second });
  await user.keyboard('e');
  stopSecond();
  await user.keyboard('e');
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  stopFirst();
});

test('the list shows what holds now', () => {
  const { rerender } = render(<Probe keys="j" run={() => undefined} />);
  expect(screen.getByText('Do j')).toBeDefined();
  rerender(<Probe keys="j" run={() => undefined} enabled={false} />);
  expect(screen.queryByText('Do j')).toBeNull();
});

test('what lies below a dialog hears no keys', async () => {
  const user = userEvent.setup();
  const run = vi.fn();
  function Covered() {
    const [open, setOpen] = useState(true);
    return (
      <UiProvider>
        <Probe keys="j" run={run} />
        <Dialog open={open} onOpenChange={setOpen} title="Question" />
      </UiProvider>
    );
  }
  render(<Covered />);
  await screen.findByRole('dialog');
  await user.keyboard('j');
  expect(run).not.toHaveBeenCalled();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await user.keyboard('j');
  expect(run).toHaveBeenCalledTimes(1);
});
