import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CryptoError,
  deriveKey,
  keyedHash,
  keyVersionOf,
  newDataKey,
  secretKeyWrapper,
  Vault,
} from './crypto.ts';

const vault = new Vault('w', new Map([[1, newDataKey()]]));
const bytes = fc.uint8Array({ maxLength: 300 });
const place = fc.string({ minLength: 1, maxLength: 60 });

const fails = (work: () => unknown) => expect(work).toThrow(CryptoError);

describe('a sealed value', () => {
  it('opens to what was sealed, bytes and text, in its place', () => {
    fc.assert(
      fc.property(bytes, place, (plain, where) => {
        expect(vault.open(vault.seal(plain, where), where)).toEqual(Buffer.from(plain));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), place, (text, where) => {
        expect(vault.openText(vault.seal(text, where), where)).toBe(text);
      }),
    );
  });

  it('opens from a view into a larger buffer, as drivers hand them out', () => {
    const sealed = vault.seal('in the middle', 'p');
    const around = new Uint8Array(sealed.length + 20);
    around.set(sealed, 7);
    expect(vault.openText(around.subarray(7, 7 + sealed.length), 'p')).toBe('in the middle');
  });

  it('opens in no other place', () => {
    fc.assert(
      fc.property(bytes, place, place, (plain, where, elsewhere) => {
        fc.pre(where !== elsewhere);
        const sealed = vault.seal(plain, where);
        fails(() => vault.open(sealed, elsewhere));
      }),
    );
  });

  it('opens with no byte changed, none added and none missing', () => {
    const plain = 'Tell nobody.';
    const sealed = vault.seal(plain, 'p');
    for (let index = 0; index < sealed.length; index += 1) {
      for (const bit of [1, 0x80]) {
        const damaged = Buffer.from(sealed);
        damaged[index] = (damaged[index] ?? 0) ^ bit;
        fails(() => vault.open(damaged, 'p'));
      }
      fails(() => vault.open(sealed.subarray(0, index), 'p'));
    }
    fails(() => vault.open(Buffer.concat([sealed, Buffer.from([0])]), 'p'));
  });

  it('opens from no garbage, and says so by one kind of error', () => {
    fc.assert(
      fc.property(bytes, (garbage) => {
        fails(() => vault.open(garbage, 'p'));
      }),
    );
  });

  it('opens with no other workspace’s key', () => {
    const other = new Vault('o', new Map([[1, newDataKey()]]));
    fails(() => other.open(vault.seal('mine', 'p'), 'p'));
  });

  it('names the version of its key, and opens while that version is kept', () => {
    const [first, second] = [newDataKey(), newDataKey()];
    const before = new Vault('w', new Map([[1, first]])).seal('old', 'p');
    const both = new Vault(
      'w',
      new Map([
        [1, first],
        [2, second],
      ]),
    );
    const after = both.seal('new', 'p');
    expect([keyVersionOf(before), keyVersionOf(after)]).toEqual([1, 2]);
    expect([both.openText(before, 'p'), both.openText(after, 'p')]).toEqual(['old', 'new']);
    const rotated = new Vault('w', new Map([[2, second]]));
    expect(rotated.openText(after, 'p')).toBe('new');
    fails(() => rotated.open(before, 'p'));
  });

  it('is different every time and shows nothing of its content', () => {
    const text = 'the same words';
    const sealed = Array.from({ length: 50 }, () => vault.seal(text, 'p').toString('latin1'));
    expect(new Set(sealed).size).toBe(50);
    for (const value of sealed) expect(value).not.toContain('same');
  });
});

describe('a wrapped data key', () => {
  it('is opened by its secret, for its workspace, and by no other', async () => {
    const wrapper = secretKeyWrapper('one secret that is long enough to be one');
    const other = secretKeyWrapper('another secret that is long enough to be one');
    expect(wrapper.id).not.toBe(other.id);
    const key = newDataKey();
    const wrapped = await wrapper.wrap(key, 'w');
    expect(await wrapper.unwrap(wrapped, 'w')).toEqual(key);
    await expect(wrapper.unwrap(wrapped, 'x')).rejects.toThrow(CryptoError);
    await expect(other.unwrap(wrapped, 'w')).rejects.toThrow(CryptoError);
  });

  it('is named without telling the secret', () => {
    const secret = 'a secret whose name must not be its hash, at all';
    expect(secretKeyWrapper(secret).id).toMatch(/^[0-9a-f]{16}$/);
    expect(deriveKey(secret, 'key-encryption').toString('hex')).not.toContain(secretKeyWrapper(secret).id);
  });
});

it('keys of two purposes have nothing in common, and a hash needs its key', () => {
  const secret = 'a secret from which all the keys are derived';
  expect(deriveKey(secret, 'sessions')).toEqual(deriveKey(secret, 'sessions'));
  expect(deriveKey(secret, 'sessions')).not.toEqual(deriveKey(secret, 'idempotency'));
  const [one, two] = [newDataKey(), newDataKey()];
  expect(keyedHash(one, 'text')).toBe(keyedHash(one, 'text'));
  expect(keyedHash(one, 'text')).not.toBe(keyedHash(two, 'text'));
});
