import { act, renderHook } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { enterWritten, forgetWritten, useWritten, write } from './written.ts';

beforeEach(() => forgetWritten());

/** As when the page goes away: now it is on the device. */
const leave = () => window.dispatchEvent(new Event('pagehide'));
const onDevice = () => JSON.stringify({ ...localStorage });
const reply = () => renderHook(() => useWritten('one')).result.current.reply;

test('what was written waits for who wrote it, also when they had to sign in again', () => {
  enterWritten('ada');
  act(() => write('one', { reply: 'Between us' }));
  leave();
  expect(onDevice()).toContain('Between us');
  enterWritten('ada');
  expect(reply()).toBe('Between us');
});

test('what was written is shown to nobody else who signs in on the same device, and is not there any more', () => {
  enterWritten('ada');
  act(() => write('one', { reply: 'Between us' }));
  leave();
  enterWritten('eve');
  expect(reply()).toBe('');
  act(() => write('one', { reply: 'Mine' }));
  leave();
  expect(onDevice()).toContain('Mine');
  expect(onDevice()).not.toContain('Between us');
});

test('what was written does not outlive a sign-out, not even what was typed a moment before', () => {
  enterWritten('ada');
  act(() => write('one', { reply: 'Between us' }));
  forgetWritten();
  leave();
  expect(onDevice()).not.toContain('Between us');
  enterWritten('ada');
  expect(reply()).toBe('');
});
