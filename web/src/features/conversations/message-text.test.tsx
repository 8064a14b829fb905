import { screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { injections } from '../../../../server/test/injections.ts';
import { renderInApp } from '../../../test/render.tsx';
import { LinkGuard, MessageText } from './message-text.tsx';

afterEach(() => vi.unstubAllGlobals());

const show = (text: string) =>
  renderInApp(
    <>
      <MessageText text={text} />
      <LinkGuard />
    </>,
  );

const hostile = [
  '<img src=x onerror="alert(1)">',
  '<script>alert(1)</script>',
  '<svg onload=alert(1)><a xlink:href="javascript:alert(1)">x</a></svg>',
  '[click](javascript:alert(1)) ![x](https://evil.example/x.png)',
  '<iframe src="https://evil.example"></iframe>',
  '&lt;b&gt; \u202Egnp.exe',
];

test.each(hostile)('what a contact writes is text and nothing else: %s', (text) => {
  const { container } = show(text);
  expect(container.textContent).toContain(text);
  expect(container.querySelectorAll('img, script, svg, iframe, a[href]')).toHaveLength(0);
});

test('no instruction of the corpus makes the browser fetch anything, said by whomever', () => {
  for (const { text } of injections) {
    const { container, unmount } = show(text);
    expect(
      container.querySelectorAll('img, script, svg image, iframe, video, link, object, [src], [style]'),
    ).toHaveLength(0);
    expect(container.querySelectorAll('a[href]')).toHaveLength(0);
    unmount();
  }
});

test('an unknown address opens only after a look at where it leads', async () => {
  const open = vi.fn();
  vi.stubGlobal('open', open);
  const { user } = show('See https://bank.example@evil.example/login now');
  await user.click(screen.getByRole('button', { name: /evil\.example/ }));
  expect(open).not.toHaveBeenCalled();
  await screen.findByText('evil.example');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(open).not.toHaveBeenCalled();

  await user.click(screen.getByRole('button', { name: /evil\.example/ }));
  await user.click(await screen.findByRole('button', { name: 'Open address' }));
  expect(open).toHaveBeenCalledWith('https://evil.example/login', '_blank', 'noopener,noreferrer');
});

test('an address is shown whole, also one that names its host again further on', async () => {
  const { user } = show('https://evil.example/?to=https://evil.example/pay-now');
  await user.click(screen.getByRole('button', { name: /evil\.example/ }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toContain('https://evil.example/?to=https://evil.example/pay-now');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
});

test('a host that the member trusts opens at once from then on', async () => {
  vi.stubGlobal('open', vi.fn());
  const { user } = show('https://shop.example/a');
  await user.click(screen.getByRole('button', { name: /shop\.example/ }));
  await user.click(await screen.findByRole('checkbox', { name: /shop\.example/ }));
  await user.click(screen.getByRole('button', { name: 'Open address' }));
  const link = await screen.findByRole('link', { name: 'https://shop.example/a' });
  expect(link.getAttribute('rel')).toContain('noopener noreferrer');
  expect(link.getAttribute('target')).toBe('_blank');
});
