// Envelope encryption (AES-256-GCM, NIST SP 800-38D): each workspace has data keys, wrapped by a key-encryption key
// that comes from PARLEY_SECRET. Content, raw payloads and credentials pass through here on their way to rest.
import {
  type CipherKey,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { takeRandomBytes } from './random.ts';

const formatVersion = 1;
const headerBytes = 5;
const nonceBytes = 12;
const tagBytes = 16;
const overheadBytes = headerBytes + nonceBytes + tagBytes;

/** What was stored cannot be read: another key, another place, or damage. Says nothing of the content. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
}

/** The workspace was erased, or is being erased: nothing that it sealed can be opened. */
export class KeysGoneError extends CryptoError {}

/** For work across workspaces, one of which may have gone meanwhile: undefined then. */
export const unlessGone = <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: unknown) => {
    if (error instanceof KeysGoneError) return undefined;
    throw error;
  });

/** Wraps data keys. The seam for a key management service: its `wrap` and `unwrap` may call outside. */
export interface KeyWrapper {
  /** Names the wrapping key, so that a key wrapped by an older one is recognised. */
  readonly id: string;
  wrap(dataKey: Buffer, workspaceId: string): Promise<Buffer>;
  unwrap(wrapped: Uint8Array, workspaceId: string): Promise<Buffer>;
}

/** A key of its own for each purpose from one secret (HKDF-SHA256, RFC 5869). */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'parley', purpose, 32));
}

export function secretKeyWrapper(secret: string): KeyWrapper {
  const key = deriveKey(secret, 'key-encryption');
  const id = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return {
    id,
    wrap: async (dataKey, workspaceId) => encrypt(key, 0, dataKey, `data-key:${workspaceId}`),
    unwrap: async (wrapped, workspaceId) => decrypt(key, wrapped, `data-key:${workspaceId}`),
  };
}

function encrypt(key: CipherKey, keyVersion: number, plain: Uint8Array, place: string): Buffer {
  const nonce = takeRandomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(place));
  // GCM is a stream: `update` gives all of the text, `final` nothing more.
  const body = cipher.update(plain);
  cipher.final();
  const sealed = Buffer.allocUnsafe(overheadBytes + body.length);
  sealed.writeUInt8(formatVersion, 0);
  sealed.writeUInt32BE(keyVersion, 1);
  nonce.copy(sealed, headerBytes);
  cipher.getAuthTag().copy(sealed, headerBytes + nonceBytes);
  body.copy(sealed, overheadBytes);
  return sealed;
}

function decrypt(key: CipherKey, sealed: Uint8Array, place: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < overheadBytes || bytes.readUInt8(0) !== formatVersion) {
    throw new CryptoError('not a sealed value');
  }
  const nonce = bytes.subarray(headerBytes, headerBytes + nonceBytes);
  const tag = bytes.subarray(headerBytes + nonceBytes, overheadBytes);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(tag);
  try {
    const plain = decipher.update(bytes.subarray(overheadBytes));
    decipher.final();
    return plain;
  } catch (cause) {
    throw new CryptoError('the sealed value does not belong to this key and place', { cause });
  }
}

/** The version of the data key that a value was sealed with. @throws CryptoError */
export function keyVersionOf(sealed: Uint8Array): number {
  if (sealed.byteLength < headerBytes) throw new CryptoError('not a sealed value');
  return Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).readUInt32BE(1);
}

/**
 * One workspace's keys, opened. `place` is where the value rests, e.g. `messages.content:{id}`: a value that is
 * moved to another row cannot be opened there.
 */
export class Vault {
  readonly workspaceId: string;
  readonly currentVersion: number;
  /** Key objects: handing raw bytes to a cipher costs three times the encryption of a short text. */
  readonly #keys: ReadonlyMap<number, KeyObject>;

  /** @param currentVersion what new values are sealed with; the newest when absent. */
  constructor(workspaceId: string, keys: ReadonlyMap<number, Buffer>, currentVersion?: number) {
    this.workspaceId = workspaceId;
    this.#keys = new Map(Array.from(keys, ([version, key]) => [version, createSecretKey(key)]));
    this.currentVersion = currentVersion ?? Math.max(0, ...keys.keys());
  }

  seal(plain: string | Uint8Array, place: string): Buffer {
    const key = this.#keys.get(this.currentVersion);
    if (!key) throw new CryptoError('the workspace has no key');
    return encrypt(key, this.currentVersion, typeof plain === 'string' ? Buffer.from(plain) : plain, place);
  }

  /** @throws CryptoError */
  open(sealed: Uint8Array, place: string): Buffer {
    const key = this.#keys.get(keyVersionOf(sealed));
    if (!key) throw new CryptoError('the key of this value is gone');
    return decrypt(key, sealed, place);
  }

  /** @throws CryptoError */
  openText(sealed: Uint8Array, place: string): string {
    return this.open(sealed, place).toString('utf8');
  }
}

/** A file has a key of its own, which rests sealed in its row: rotating the workspace's keys leaves the file alone. */
export const fileVault = (workspaceId: string, key: Buffer): Vault =>
  new Vault(workspaceId, new Map([[1, key]]));

/**
 * Seals what belongs to no workspace. A secret is told by a number made of its key, so that what the secret before the
 * present one sealed is still opened.
 * @param secrets the present one first
 */
export function installationVault(secrets: readonly string[], purpose: string): Vault {
  const versions = secrets.map((secret): [number, Buffer] => {
    const key = deriveKey(secret, purpose);
    return [createHash('sha256').update(key).digest().readUInt32BE(), key];
  });
  return new Vault('', new Map(versions), versions[0]?.[0]);
}

/** Whether two texts are the same, in a time that does not tell how far they are. */
export function isSameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** A keyed hash (HMAC-SHA256, hex) for comparing what must not be stored plain. */
export function keyedHash(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

export function newDataKey(): Buffer {
  return randomBytes(32);
}
