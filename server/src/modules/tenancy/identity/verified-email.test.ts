// Whose word on an address is believed: by the issuer, for the great ones write what their customers like into it.
import { expect, it } from 'vitest';
import { verifiedEmail } from './verified-email.ts';

const email = 'Ana@Acme.example';
const address = 'ana@acme.example';
const said = (iss: string, more: object) =>
  verifiedEmail('company', { iss, sub: 's', email, ...more } as Parameters<typeof verifiedEmail>[1]);

it('a workspace’s own provider says it with email_verified', () => {
  const iss = 'https://login.acme.example';
  expect(said(iss, { email_verified: true })).toBe(address);
  expect(said(iss, { email_verified: 'true' })).toBe(address);
  for (const email_verified of [false, 'false', undefined, null])
    expect(said(iss, { email_verified, hd: 'acme.example', xms_edov: true })).toBeNull();
});

it('Google is believed by a workspace only about addresses of the organisation that it names', () => {
  const iss = 'https://accounts.google.com';
  expect(said(iss, { email_verified: true, hd: 'acme.example' })).toBe(address);
  expect(said(iss, { email_verified: true, hd: 'ACME.example' })).toBe(address);
  for (const more of [{}, { hd: 'evil.example' }, { hd: 'sub.acme.example' }])
    expect(said(iss, { email_verified: true, ...more })).toBeNull();
  expect(said(iss, { email_verified: false, hd: 'acme.example' })).toBeNull();
});

it('Microsoft is believed by a workspace only where the organisation has shown that the domain is its own', () => {
  for (const iss of [
    'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
    'https://sts.windows.net/9188040d-6c67-4c5b-b112-36a304b66dad/',
    'https://login.microsoftonline.us/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  ]) {
    expect(said(iss, { email_verified: true })).toBeNull();
    expect(said(iss, { email_verified: true, xms_edov: false })).toBeNull();
    expect(said(iss, { xms_edov: true })).toBe(address);
    expect(said(iss, { xms_edov: '1' })).toBe(address);
  }
});
