// How passwords rest: argon2id (RFC 9106) with the figures that OWASP's Password Storage Cheat Sheet asks for, written as
// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. It takes half the time that the sign-in library's own scrypt takes, and costs
// somebody who guesses more.
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

const saltBytes = 16;
const hashBytes = 32;
/** 19 MiB. */
const memory = 19_456;
const passes = 2;
const parallelism = 1;

const written = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]+)\$([\w+/]+)$/;

/** However a keyboard composes its letters, the same ones are the same password. */
const messageOf = (password: string) => Buffer.from(password.normalize('NFKC'));
const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(saltBytes);
  const parameters = {
    message: messageOf(password),
    nonce,
    memory,
    passes,
    parallelism,
    tagLength: hashBytes,
  };
  const hash = await derive('argon2id', parameters);
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(hash)}`;
}

/** Opens also what the sign-in library had hashed by itself, before passwords were hashed here. */
export async function verifyPassword(input: { hash: string; password: string }): Promise<boolean> {
  const parts = written.exec(input.hash);
  if (!parts) {
    const { verifyPassword: verifyOlder } = await import('better-auth/crypto');
    return verifyOlder(input);
  }
  const [, m, t, p, salt = '', hash = ''] = parts;
  const wanted = Buffer.from(hash, 'base64');
  const parameters: Argon2Parameters = {
    message: messageOf(input.password),
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(m),
    passes: Number(t),
    parallelism: Number(p),
    tagLength: wanted.length,
  };
  return timingSafeEqual(await derive('argon2id', parameters), wanted);
}
