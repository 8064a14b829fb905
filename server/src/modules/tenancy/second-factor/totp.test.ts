import fc from 'fast-check';
import { Secret, TOTP } from 'otpauth';
import { expect, it } from 'vitest';
import { codeOf, inBase32, newTotpSecret, stepOf, totpUri } from './totp.ts';

const anySecret = fc.uint8Array({ minLength: 16, maxLength: 64 });

it('makes the codes that another implementation makes, of any secret and at any time', () => {
  fc.assert(
    fc.property(anySecret, fc.integer({ min: 0, max: 4_000_000_000 }), (secret, second) => {
      const app = new TOTP({ secret: Secret.fromBase32(inBase32(secret)) });
      expect(codeOf(secret, Math.floor(second / 30))).toBe(app.generate({ timestamp: second * 1000 }));
    }),
  );
});

it('takes the code of now, of half a minute ago and of half a minute on, and says which it was', () => {
  const secret = newTotpSecret();
  const step = 59_000_000;
  const found = [-2, -1, 0, 1, 2].map((off) => stepOf(secret, codeOf(secret, step + off), step * 30_000 + 7));
  expect(found).toEqual([null, step - 1, step, step + 1, null]);
});

it('takes nothing that is no code of six digits', () => {
  const secret = newTotpSecret();
  for (const wrong of ['', '1', '1234567', 'abcdef', '１２３４５６', '\u0000'.repeat(6)])
    expect(stepOf(secret, wrong, 1_800_000_000_000)).toBeNull();
});

it('says in an address that apps read what they need: whose it is, the secret, and how codes are made', () => {
  const secret = newTotpSecret();
  const uri = new URL(totpUri(secret, 'ada+work@example.com'));
  expect(uri.protocol + uri.host).toBe('otpauth:totp');
  expect(decodeURIComponent(uri.pathname)).toBe('/Parley:ada+work@example.com');
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    secret: Secret.fromHex(Buffer.from(secret).toString('hex')).base32,
    issuer: 'Parley',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
});
