// Signatures (HMAC-SHA256, RFC 2104) of what processes of one installation say to each other, by a way on which somebody else
// could speak too: the queue's table, the bus.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { deriveKey } from './crypto.ts';

export interface Signer {
  /** Short, and safe in any text. While a secret is being replaced it holds two, so that processes with either believe it. */
  sign(text: string): string;
  isSignature(signature: string, text: string): boolean;
  /** Whether it was made with the present secret, whatever else it holds. */
  isPresent(signature: string, text: string): boolean;
}

/** 128 bits, in base64url. */
const signatureLength = 22;

/**
 * @param secrets the present one, and the one before it where that is still in use
 * @param purpose what is signed with the key, and nothing else is
 */
export function createSigner(secrets: readonly string[], purpose: string): Signer {
  const keys = secrets.map((secret) => createSecretKey(deriveKey(secret, purpose)));
  const make = (key: (typeof keys)[number], text: string) =>
    createHmac('sha256', key).update(text).digest('base64url').slice(0, signatureLength);
  const isOf = (wanted: typeof keys, signature: string, text: string) => {
    const given = signature.split('.', 3).filter((part) => part.length === signatureLength);
    return wanted.some((key) => {
      const right = Buffer.from(make(key, text));
      return given.some((part) => {
        const bytes = Buffer.from(part);
        return bytes.length === right.length && timingSafeEqual(bytes, right);
      });
    });
  };
  return {
    sign: (text) => keys.map((key) => make(key, text)).join('.'),
    isSignature: (signature, text) => isOf(keys, signature, text),
    isPresent: (signature, text) => isOf(keys.slice(0, 1), signature, text),
  };
}
