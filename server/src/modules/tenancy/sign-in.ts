// Sign-in by e-mail and password. Better Auth keeps users, passwords and sessions; this joins it to our tables.
import { definePort } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { accounts, sessions, users, verifications } from './tables.ts';

export interface SignIn {
  /** Loads the library, which is done at first use otherwise: a worker never needs it. */
  load(): Promise<void>;
  /** Answers Better Auth's own routes under `/api/auth`. */
  handle(request: Request): Promise<Response>;
  /** The signed-in user, read from the request's cookies. */
  sessionUser(headers: Headers): Promise<{ id: string; name: string; email: string } | null>;
  /** Makes a user. Open sign-up is off: only this makes users. */
  createUser(input: { email: string; password: string; name: string }): Promise<{ id: string }>;
}

/** Carries the caller's address to the library; set by our route, whatever the caller sent under it. */
export const addressHeader = 'x-parley-address';

export const signInPort = definePort<SignIn>('sign-in');

export function createSignIn(kernel: Kernel): SignIn {
  let loading: ReturnType<typeof openLibrary> | undefined;
  const library = () => {
    loading ??= openLibrary(kernel);
    return loading;
  };
  return {
    load: async () => {
      await library();
    },
    handle: async (request) => (await library()).open.handler(request),
    sessionUser: async (headers) => {
      const session = await (await library()).open.api.getSession({ headers });
      return session ? { id: session.user.id, name: session.user.name, email: session.user.email } : null;
    },
    createUser: async (input) => {
      const { user } = await (await library()).enrolling.api.signUpEmail({ body: input });
      return { id: user.id };
    },
  };
}

async function openLibrary(kernel: Kernel) {
  const { config } = kernel;
  const [{ betterAuth }, { drizzleAdapter }] = await Promise.all([
    import('better-auth'),
    import('better-auth/adapters/drizzle'),
  ]);
  const build = (signUp: boolean) =>
    betterAuth({
      appName: 'Parley',
      baseURL: config.publicUrl,
      basePath: '/api/auth',
      secret: kernel.deriveKey('sessions').toString('hex'),
      trustedOrigins: [new URL(config.publicUrl).origin, ...config.CORS_ORIGINS],
      database: drizzleAdapter(kernel.database.outer as never, {
        provider: 'pg',
        usePlural: true,
        schema: { users, sessions, accounts, verifications },
      }),
      emailAndPassword: {
        enabled: true,
        disableSignUp: !signUp,
        autoSignIn: false,
        minPasswordLength: 10,
        maxPasswordLength: 128,
      },
      rateLimit: {
        enabled: true,
        window: 60,
        max: 100,
        customRules: { '/sign-in/email': { window: 60, max: 10 } },
      },
      advanced: {
        useSecureCookies: config.publicUrl.startsWith('https:'),
        ipAddress: { ipAddressHeaders: [addressHeader] },
      },
      telemetry: { enabled: false },
      logger: {
        level: 'warn',
        // Messages of the library may hold an e-mail address; their level is enough.
        log: (level) => kernel.log.debug({ library_level: level }, 'the sign-in library reports'),
      },
    });
  return { open: build(false), enrolling: build(true) };
}
