import { expect, it } from 'vitest';
import { describeDevice } from './devices.ts';

it('a session says from which browser and system it was opened', () => {
  expect(
    describeDevice(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    ),
  ).toEqual({ name: 'Edge · Windows', isHandset: false });
  expect(
    describeDevice(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
    ),
  ).toEqual({ name: 'Safari · iOS', isHandset: true });
  expect(describeDevice('curl/8.5.0')).toEqual({ name: null, isHandset: false });
  expect(describeDevice(null)).toEqual({ name: null, isHandset: false });
});
