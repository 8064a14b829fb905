// Random bytes in small pieces. Asking the system for each piece costs more than everything else that is done with it.
import { randomFillSync } from 'node:crypto';

const poolBytes = 8192;
let pool = Buffer.alloc(0);
let taken = 0;

/** From the system's cryptographic source. No byte is handed out twice. */
export function takeRandomBytes(length: number): Buffer {
  if (taken + length > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(poolBytes, length)));
    taken = 0;
  }
  taken += length;
  return pool.subarray(taken - length, taken);
}
