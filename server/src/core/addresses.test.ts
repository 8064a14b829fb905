import { expect, it } from 'vitest';
import { callerOf, networkOf } from './addresses.ts';

it('a caller is an IPv4 address, or the first 64 bits of an IPv6 one, however it is written', () => {
  for (const [address, caller] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:c000:0207', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['unknown', 'unknown'],
    ['', ''],
  ] as const) {
    expect([address, callerOf(address)]).toEqual([address, caller]);
  }
});

it('a network is what one line or office usually has', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.0/24');
  expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.0/24');
  expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1::/48');
  expect(networkOf('2001:db8::9')).toBe('2001:db8:0::/48');
  expect(networkOf('')).toBe('');
});
