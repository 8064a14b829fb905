// Addresses by which a provider fetches a file that a message carries: each opens one file, for a while, to whoever has
// it. Signed, so nothing is stored; the key is this installation's, so no token can be made elsewhere.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { definePort } from '../../core/context.ts';

/** Twilio queues a message for ten hours at most (its ValidityPeriod), and fetches when its turn comes. */
const validMs = 24 * 3_600_000;

const idBytes = 16;
const expiryBytes = 4;
const payloadBytes = 2 * idBytes + expiryBytes;
const signatureBytes = 32;

export interface LinkedFile {
  readonly workspaceId: string;
  readonly mediaId: string;
}

export interface MediaLinks {
  /** The public address of a file, from now on for a day. */
  urlOf(file: LinkedFile): string;
  /** What a token opens; null for one that is not ours, or not valid any more. */
  read(token: string): LinkedFile | null;
}

export const mediaLinks = definePort<MediaLinks>('media links');

/** @param keys derived for this purpose and no other: the one to sign with, and others that are believed. */
export function createMediaLinks(keys: readonly Buffer[], publicUrl: string, clock: Clock): MediaLinks {
  const signWith = (key: Buffer, payload: Uint8Array) => createHmac('sha256', key).update(payload).digest();
  const sign = (payload: Uint8Array) => signWith(keys[0] as Buffer, payload);
  return {
    urlOf: ({ workspaceId, mediaId }) => {
      const expiry = Buffer.alloc(expiryBytes);
      expiry.writeUInt32BE(Math.ceil((clock.now() + validMs) / 1000));
      const payload = Buffer.concat([toBytes(workspaceId), toBytes(mediaId), expiry]);
      return `${publicUrl}/media/${Buffer.concat([payload, sign(payload)]).toString('base64url')}`;
    },
    read: (token) => {
      const bytes = Buffer.from(token, 'base64url');
      // In its one spelling: the decoder passes over what is no base64.
      if (bytes.length !== payloadBytes + signatureBytes || bytes.toString('base64url') !== token)
        return null;
      const payload = bytes.subarray(0, payloadBytes);
      const given = bytes.subarray(payloadBytes);
      if (!keys.some((key) => timingSafeEqual(given, signWith(key, payload)))) return null;
      if (payload.readUInt32BE(2 * idBytes) * 1000 <= clock.now()) return null;
      return { workspaceId: toId(payload.subarray(0, idBytes)), mediaId: toId(payload.subarray(idBytes)) };
    },
  };
}

function toBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function toId(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, idBytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
