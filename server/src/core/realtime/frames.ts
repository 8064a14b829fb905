// The frames that the server says, as bytes made once for all who get the same.
import type { ServerFrame } from '@parley/contract/realtime';
import type { LogEntry } from './tail.ts';

export function frameOf(frame: ServerFrame): Buffer {
  return onTheWire(JSON.stringify(frame));
}

/**
 * A whole text frame of a server: final, unmasked, not compressed (RFC 6455, section 5.2). Made once and written to each
 * socket as it is, where the library would make a head, and two writes, for every socket.
 */
function onTheWire(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const bytes = Buffer.allocUnsafe(headLength + length);
  bytes[0] = 0x81;
  bytes[1] = headLength === 2 ? length : headLength === 4 ? 126 : 127;
  if (headLength === 4) bytes.writeUInt16BE(length, 2);
  else if (headLength === 10) bytes.writeBigUInt64BE(BigInt(length), 2);
  bytes.write(text, headLength);
  return bytes;
}

/** Events as they are kept: serialised already. */
export function eventsFrame(entries: readonly LogEntry[], through: number): Buffer {
  const items = entries.map(({ json }) => json).join(',');
  return onTheWire(`{"type":"events","items":[${items}],"through":${through}}`);
}

/** Of a page, what somebody with these permissions may read. */
export function visibleTo(
  permissions: ReadonlySet<string>,
  permissionOf: ReadonlyMap<string, string>,
  entries: readonly LogEntry[],
): readonly LogEntry[] {
  return entries.filter(({ type }) => permissions.has(permissionOf.get(type) ?? ''));
}
