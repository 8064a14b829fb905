// Every row's id is a UUIDv7 (RFC 9562 §5.7) made in the application: sortable by time, known before the insert.
import { v7 } from 'uuid';
import { takeRandomBytes } from './random.ts';

let latestMs = 0;
let sequence = 0;

/** Ids of one process ascend in the order in which they were made, also within a millisecond (RFC 9562 §6.2). */
export function newId(): string {
  const random = takeRandomBytes(16);
  const now = Date.now();
  if (now > latestMs) {
    latestMs = now;
    // 31 random bits leave room to count up in.
    sequence = random.readUInt32BE(0) >>> 1;
  } else {
    sequence = (sequence + 1) >>> 0;
    if (sequence === 0) latestMs += 1;
  }
  return v7({ random, msecs: latestMs, seq: sequence });
}
