import { screen, waitFor } from '@testing-library/react';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { renderInApp } from '../../test/render.tsx';
import { Button } from './button.tsx';
import { ConfirmDialog } from './dialog.tsx';

function Revoke({ onConfirm }: { onConfirm: () => Promise<void> }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Revoke</Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Revoke this key?"
        text="What uses it stops working."
        actionLabel="Revoke it"
        danger
        onConfirm={onConfirm}
      />
    </>
  );
}

test('a question has a name, and gives the focus back when it is closed', async () => {
  const onConfirm = vi.fn();
  const { user } = renderInApp(<Revoke onConfirm={onConfirm} />);
  await user.click(screen.getByRole('button', { name: 'Revoke' }));
  await screen.findByRole('dialog', { name: 'Revoke this key?' });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Revoke' }));
  expect(onConfirm).not.toHaveBeenCalled();
});

test('while it is being done it cannot be done again, and what failed stays open with its reason', async () => {
  let fail: (reason: Error) => void = () => undefined;
  const onConfirm = vi.fn(
    () =>
      new Promise<void>((_resolve, reject) => {
        fail = reject;
      }),
  );
  const { user } = renderInApp(<Revoke onConfirm={onConfirm} />);
  await user.click(screen.getByRole('button', { name: 'Revoke' }));
  const action = await screen.findByRole('button', { name: 'Revoke it' });
  await user.click(action);
  await user.click(action);
  expect(onConfirm).toHaveBeenCalledTimes(1);
  fail(new Error('The key is gone already.'));
  expect((await screen.findAllByText('The key is gone already.')).length).toBeGreaterThan(0);
  expect(screen.getByRole('dialog')).toBeDefined();
});
