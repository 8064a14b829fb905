import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSecrets } from './secrets.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

// Put together here, so that this file holds none.
test.each([
  [
    'a private key',
    [
      '-----BEGIN RSA ',
      'PRIVATE KEY-----\n',
      'MIIEpAIBAAKCAQEA'.repeat(20),
      '\n-----END RSA ',
      'PRIVATE KEY-----',
    ],
  ],
  ['a token of GitHub', ['ghp', '_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx']],
  ['a password in an address', ['postgres', '://parley:', 'correct-horse', '@db.example.com/parley']],
])('%s is found', (_what, parts) => {
  const file = join(folder, 'planted.ts');
  writeFileSync(file, `export const planted = \`${parts.join('')}\`;\n`);
  expect(findSecrets([file])).toContain('planted.ts');
});

test('what is none is not', () => {
  const file = join(folder, 'plain.ts');
  writeFileSync(file, 'export const plain = 1;\n');
  expect(findSecrets([file])).toBe('');
});
