// The keys that access tokens are signed with. A new one is published for a while before anything is signed with it, and the
// one before stays published until what it signed has expired: whoever verifies has always read the key by then.
import type { KeySet } from '@parley/contract/sessions';
import type { CryptoKey } from 'jose';
import { z } from 'zod';
import { definePort, type SystemContext } from '../../../core/context.ts';
import { CryptoError } from '../../../core/crypto.ts';
import type { Queries } from '../../../core/database.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { defineJob } from '../../../core/queue.ts';
import type { InstallationColumn } from '../../../core/rotation.ts';

export const accessTokenSeconds = 600;
/** How long others may keep what `/.well-known/jwks.json` said. */
export const keySetSeconds = 300;

const signDays = 30;
/** Longer than others, and other processes of ours, keep the keys that they have read. */
const publishedBeforeMs = 2 * keySetSeconds * 1000;
const keptMs = 60_000;
/** Of a key that is not known here: another process may have made it a moment ago. */
const lookAgainMs = 1000;
const topic = 'signing_keys';

const publicKey = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() });
type PublicKey = z.infer<typeof publicKey>;

interface KnownKey {
  readonly kid: string;
  readonly publicKey: PublicKey;
  readonly sealed: Uint8Array;
  readonly signsFrom: number;
}

const place = (kid: string) => `signing_keys.sealed:${kid}`;
const purpose = 'signing keys';

export const signingKeyColumn: InstallationColumn = {
  table: 'signing_keys',
  column: 'sealed',
  key: ['kid'],
  place: ({ kid }) => place(String(kid)),
  purpose,
};

export class SigningKeys {
  readonly #kernel: Kernel;
  #kept: { readonly keys: readonly KnownKey[]; readonly readAt: number } | undefined;
  #signing: { readonly kid: string; readonly key: Promise<CryptoKey> } | undefined;
  readonly #verifying = new Map<string, Promise<CryptoKey>>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.bus.subscribe(topic, () => {
      this.#kept = undefined;
    });
  }

  /** The newest that signs by now and can be opened; makes the first one. */
  async toSign(): Promise<{ kid: string; key: CryptoKey }> {
    const known = this.#signerOf(await this.#keys());
    // None yet, or sealed with a secret that is gone.
    if (!known) await this.#make((keys) => !this.#signerOf(keys), true);
    const signer = known ?? this.#signerOf(await this.#keys());
    if (!signer) throw new Error('there is no key to sign tokens with');
    const { kid, jwk } = signer;
    if (this.#signing?.kid !== kid) this.#signing = { kid, key: importKey(jwk) };
    return { kid, key: await this.#signing.key };
  }

  /** Null for a key that is none of ours. */
  async toVerify(kid: string): Promise<CryptoKey | null> {
    const find = (keys: readonly KnownKey[]) => keys.find((key) => key.kid === kid);
    const found = find(await this.#keys()) ?? find(await this.#keys(lookAgainMs));
    if (!found) return null;
    const key = this.#verifying.get(kid) ?? importKey(found.publicKey);
    this.#verifying.set(kid, key);
    return key;
  }

  async published(): Promise<KeySet> {
    const keys = await this.#keys();
    return { keys: keys.map(({ kid, publicKey: jwk }) => ({ ...jwk, kid, alg: 'EdDSA', use: 'sig' })) };
  }

  /**
   * Makes a new key, whatever the age of the present one. Returns its id.
   * @param forgetOthers what the others signed is worth nothing any more, for they may have been read
   */
  async rotate({ forgetOthers }: { forgetOthers: boolean }): Promise<string> {
    const kid = await this.#make(() => true, forgetOthers);
    if (kid === null) throw new Error('no key was made');
    if (forgetOthers) {
      await this.#kernel.database.asSystem((queries) =>
        queries.sql('delete from signing_keys where kid <> $1', [kid]),
      );
      this.#kernel.bus.publish(topic);
    }
    return kid;
  }

  /** Makes a new key where the present one is old, and forgets those whose tokens have expired. */
  async renew(): Promise<void> {
    const now = this.#kernel.clock.now();
    await this.#make(
      ([newest]) => newest !== undefined && newest.signsFrom <= now - signDays * 86_400_000,
      false,
    );
    // A key is replaced from the moment at which the next one signs.
    await this.#kernel.database.asSystem((queries) =>
      queries.sql(
        `delete from signing_keys as old where exists
           (select 1 from signing_keys newer where newer.signs_from > old.signs_from and newer.signs_from < $1)`,
        [new Date(now - 2 * accessTokenSeconds * 1000)],
      ),
    );
    this.#kernel.bus.publish(topic);
  }

  async #keys(keptMsMax = keptMs): Promise<readonly KnownKey[]> {
    const now = this.#kernel.clock.now();
    if (!this.#kept || now - this.#kept.readAt >= keptMsMax) {
      const keys = await this.#kernel.database.asSystem(readKeys);
      this.#kept = { keys, readAt: now };
    }
    return this.#kept.keys;
  }

  #signerOf(keys: readonly KnownKey[]): { kid: string; jwk: PublicKey & { d: string } } | null {
    const now = this.#kernel.clock.now();
    for (const { kid, sealed, publicKey: jwk, signsFrom } of keys) {
      if (signsFrom > now) continue;
      try {
        return { kid, jwk: { ...jwk, d: this.#vault.openText(sealed, place(kid)) } };
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error;
      }
    }
    return null;
  }

  get #vault() {
    return this.#kernel.installationVault(purpose);
  }

  /**
   * Returns its id; null where it is not due.
   * @param isDue asked once no other process makes one; the newest key comes first
   * @param atOnce it signs from now on, and otherwise once it has been published for a while
   */
  async #make(isDue: (keys: readonly KnownKey[]) => boolean, atOnce: boolean): Promise<string | null> {
    const { exportJWK, generateKeyPair } = await import('jose');
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
    const { d, ...jwk } = await exportJWK(privateKey);
    const kid = newId();
    const now = this.#kernel.clock.now();
    const isMade = await this.#kernel.database.asSystem(async (queries) => {
      await queries.sql("select pg_advisory_xact_lock(hashtext('parley signing keys'))");
      const keys = await readKeys(queries);
      if (!isDue(keys)) return false;
      await queries.sql(
        'insert into signing_keys (kid, public_key, sealed, created_at, signs_from) values ($1, $2, $3, $4, $5)',
        [
          kid,
          JSON.stringify(publicKey.parse(jwk)),
          this.#vault.seal(String(d), place(kid)),
          new Date(now),
          new Date(atOnce || keys.length === 0 ? now : now + publishedBeforeMs),
        ],
      );
      return true;
    });
    this.#kernel.bus.publish(topic);
    return isMade ? kid : null;
  }
}

export const signingKeys = definePort<SigningKeys>('signing keys');

export const renewSigningKeys = defineJob({
  name: 'tenancy.renew_signing_keys',
  doc: `Makes a new key for access tokens every ${signDays} days, and forgets those whose tokens have expired.`,
  input: z.object({}),
  effect: 'system',
});

export const renewDueSigningKeys = (ctx: SystemContext): Promise<void> => ctx.use(signingKeys).renew();

const importKey = async (jwk: PublicKey & { d?: string }): Promise<CryptoKey> =>
  (await import('jose')).importJWK(jwk, 'EdDSA') as Promise<CryptoKey>;

async function readKeys(queries: Queries): Promise<KnownKey[]> {
  const rows = await queries.sql<{
    kid: string;
    public_key: unknown;
    sealed: Uint8Array;
    signs_from: Date | string;
  }>('select kid, public_key, sealed, signs_from from signing_keys order by signs_from desc, kid');
  return rows.map((row) => ({
    kid: row.kid,
    publicKey: publicKey.parse(row.public_key),
    sealed: row.sealed,
    signsFrom: new Date(row.signs_from).getTime(),
  }));
}
