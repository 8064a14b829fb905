import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { noticeMiss, noticeReached, onBackOnline, watchNetwork } from './network.ts';

afterEach(() => vi.restoreAllMocks());

test('what waits for the server is told at once when the socket has found it', () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true);
  const back = vi.fn();
  const stops = [watchNetwork(new QueryClient()), onBackOnline(back)];
  noticeReached();
  noticeMiss();
  expect(back).not.toHaveBeenCalled();
  noticeReached();
  expect(back).toHaveBeenCalledOnce();
  for (const stop of stops) stop();
});
