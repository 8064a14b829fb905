import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useArrival, usePageTitle } from './page-title.ts';

function Page({ title }: { title: string | null }) {
  usePageTitle(title);
  return <p role="status">{useArrival((arrival) => arrival.title)}</p>;
}

test('what is gone to is said, and the page that the browser loaded is not said twice', () => {
  const { rerender, getByRole } = render(<Page title="Inbox" />);
  expect(document.title).toBe('Inbox · Parley');
  expect(getByRole('status').textContent).toBe('');
  // Its own parts say what it is.
  rerender(<Page title={null} />);
  rerender(<Page title="Inbox" />);
  expect(getByRole('status').textContent).toBe('');
  rerender(<Page title="Rosa Diaz" />);
  expect(document.title).toBe('Rosa Diaz · Parley');
  expect(getByRole('status').textContent).toBe('Rosa Diaz');
});
