// A session that begins without a password, made by the sign-in library as any other. No route leads here: only this server calls it.
import { z } from 'zod';

/** Loads the library. */
export async function createBeginSession() {
  const [{ createAuthEndpoint, APIError }, { setSessionCookie }] = await Promise.all([
    import('better-auth/api'),
    import('better-auth/cookies'),
  ]);
  const beginSession = createAuthEndpoint(
    '/begin-session',
    {
      method: 'POST',
      body: z.object({ userId: z.string(), way: z.string(), onlyWorkspace: z.string().nullable() }),
      metadata: { SERVER_ONLY: true },
    },
    async (ctx) => {
      const { userId, way, onlyWorkspace } = ctx.body;
      const { internalAdapter } = ctx.context;
      const user = await internalAdapter.findUserById(userId);
      if (!user) throw new APIError('UNAUTHORIZED');
      const session = await internalAdapter.createSession(userId, false, { way, onlyWorkspace }, true);
      await setSessionCookie(ctx, { session, user });
      return ctx.json({ id: session.id });
    },
  );
  return { id: 'parley-begin-session', endpoints: { beginSession } } as const;
}
