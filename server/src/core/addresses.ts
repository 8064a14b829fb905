// IP addresses as what they stand for: a line, an office, a network. Whoever has IPv6 has more addresses than can be counted.
import { isIPv4, isIPv6 } from 'node:net';

/** The eight groups of an IPv6 address, as numbers; null for what is none. */
function groupsOf(address: string): number[] | null {
  const bare = address.split('%')[0] ?? '';
  if (!isIPv6(bare)) return null;
  // The last 32 bits may be written as IPv4.
  const text = bare.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_all, a, b, c, d) =>
      `${(Number(a) * 256 + Number(b)).toString(16)}:${(Number(c) * 256 + Number(d)).toString(16)}`,
  );
  const [head = '', tail] = text.split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [read(head), read(tail ?? '')];
  // What `::` leaves out are zeros.
  return tail === undefined
    ? before
    : [...before, ...Array(8 - before.length - after.length).fill(0), ...after];
}

/** IPv4 that is written as IPv6 (`::ffff:192.0.2.1`, in any spelling) as IPv4; everything else as it came. */
function unmapped(address: string): string {
  const groups = groupsOf(address);
  const isMapped = groups?.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!groups || !isMapped) return address;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The first `bits` of an IPv6 address, a multiple of 16, in one spelling. */
function firstBits(groups: readonly number[], bits: number): string {
  return `${groups
    .slice(0, bits / 16)
    .map((group) => group.toString(16))
    .join(':')}::/${bits}`;
}

/** What limits count as one caller: an IPv4 address, or the 64 bits of IPv6 that one line has at least. */
export function callerOf(address: string): string {
  const plain = unmapped(address);
  const groups = groupsOf(plain);
  return groups ? firstBits(groups, 64) : plain;
}

/** The first 24 bits of an IPv4 address, the first 48 of an IPv6 one: what one line or office usually has. */
export function networkOf(address: string): string {
  const plain = unmapped(address);
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`;
  const groups = groupsOf(plain);
  return groups ? firstBits(groups, 48) : plain;
}
