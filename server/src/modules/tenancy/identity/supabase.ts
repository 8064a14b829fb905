// Tokens of a Supabase project that the operator set: who has one acts as the user whom its account is linked to. What a
// token says of a role or a workspace means nothing here.
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Kernel } from '../../../core/kernel.ts';
import { identityClients } from './port.ts';
import { linkedUser } from './resolve.ts';

const toleranceSeconds = 60;
const timeoutMs = 5000;
/** An answer about one user, or about the project. */
const bytesMax = 100_000;

/** See https://supabase.com/docs/guides/auth/jwt-fields; all of these are required. */
const claims = z.object({
  sub: z.uuid(),
  role: z.literal('authenticated'),
  aal: z.enum(['aal1', 'aal2']),
  session_id: z.string().min(1),
  exp: z.number(),
  iat: z.number(),
  email: z.string().optional(),
  is_anonymous: z.boolean().optional(),
});
export type SupabaseClaims = z.infer<typeof claims>;

const required = ['iss', 'aud', 'exp', 'iat', 'sub', 'role', 'aal', 'session_id'];

export class Supabase {
  readonly #kernel: Kernel;
  readonly #base: string;
  #keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(kernel: Kernel, url: string) {
    this.#kernel = kernel;
    this.#base = `${url.replace(/\/$/, '')}/auth/v1`;
  }

  get issuer(): string {
    return this.#base;
  }

  /** Null for what the project did not sign, is not for now, or is no person's. */
  async read(token: string): Promise<SupabaseClaims | null> {
    const { decodeProtectedHeader, errors, jwtVerify } = await import('jose');
    const expected = {
      issuer: this.issuer,
      audience: 'authenticated',
      requiredClaims: required,
      clockTolerance: toleranceSeconds,
      currentDate: this.#kernel.clock.date(),
    };
    let payload: JWTPayload;
    try {
      // The algorithm chooses between two keys of different kinds, and neither is taken for the other.
      if (decodeProtectedHeader(token).alg === 'HS256') {
        const secret = this.#kernel.config.SUPABASE_JWT_SECRET;
        if (!secret) return null;
        const key = new TextEncoder().encode(secret);
        ({ payload } = await jwtVerify(token, key, { ...expected, algorithms: ['HS256'] }));
      } else {
        ({ payload } = await jwtVerify(token, await this.#keySet(), {
          ...expected,
          algorithms: ['ES256', 'RS256'],
        }));
      }
    } catch (error) {
      if (
        error instanceof errors.JWKSTimeout ||
        !(error instanceof errors.JOSEError || error instanceof TypeError)
      )
        this.#kernel.log.warn({ err: error }, 'keys of the Supabase project could not be read');
      return null;
    }
    const { data } = claims.safeParse(payload);
    const now = this.#kernel.clock.now() / 1000;
    // Made in the future: the clocks are not those that the other times were written by.
    if (!data || data.is_anonymous || data.iat > now + toleranceSeconds) return null;
    return data;
  }

  /** The user whom it is linked to; links the one with the same address where both sides know that it is theirs. */
  async userOf(token: string, { sub }: SupabaseClaims): Promise<string | null> {
    const known = await linkedUser(this.#kernel, 'supabase', sub, null);
    if ('userId' in known) return known.userId;
    const email = await this.#confirmedEmail(token, sub);
    const linked = email && (await linkedUser(this.#kernel, 'supabase', sub, email));
    return linked && 'userId' in linked ? linked.userId : null;
  }

  #keySet(): Promise<JWTVerifyGetKey> {
    this.#keys ??= import('jose').then(({ createRemoteJWKSet, customFetch }) =>
      createRemoteJWKSet(new URL(`${this.issuer}/.well-known/jwks.json`), {
        timeoutDuration: timeoutMs,
        // A key that is not known is asked for again, not more often than this.
        cooldownDuration: 30_000,
        cacheMaxAge: 600_000,
        [customFetch]: (url, options) =>
          this.#kernel.use(identityClients).operator.fetch(url, options as RequestInit),
      }),
    );
    return this.#keys;
  }

  /**
   * Asked of the project, because a token does not say it: what stands in `user_metadata` is the user's own to write, and
   * `email` is there unconfirmed where the project confirms addresses by itself.
   */
  async #confirmedEmail(token: string, sub: string): Promise<string | null> {
    const apikey = this.#kernel.config.SUPABASE_ANON_KEY;
    if (!apikey) return null;
    const ask = async (path: string) => {
      const { status, body } = await this.#kernel.use(identityClients).operator.request({
        url: `${this.issuer}/${path}`,
        headers: { apikey, authorization: `Bearer ${token}` },
        timeoutMs,
        bytesMax,
      });
      return status === 200 ? (JSON.parse(body.toString('utf8')) as unknown) : null;
    };
    try {
      const [user, settings] = await Promise.all([ask('user'), ask('settings')]);
      const confirmed = z
        .object({ id: z.literal(sub), email: z.email(), email_confirmed_at: z.string().min(1) })
        .safeParse(user);
      const asks = z.object({ mailer_autoconfirm: z.literal(false) }).safeParse(settings);
      return confirmed.success && asks.success ? confirmed.data.email.toLowerCase() : null;
    } catch (error) {
      this.#kernel.log.warn({ err: error }, 'the Supabase project could not be asked about a user');
      return null;
    }
  }
}
