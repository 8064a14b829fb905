// A session that begins without a password, made by the sign-in library as any other. No route leads here: only this server calls it.
import type { SecondStepAsked } from '@parley/contract/second-factor';
import { z } from 'zod';
import type { BeginSecondStep } from '../second-factor/second-step.ts';

/** `asked`: what is asked for before there is a session. */
interface BegunSession {
  readonly asked: SecondStepAsked | null;
}

/** Loads the library. */
export async function createBeginSession(beginSecondStep: BeginSecondStep) {
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
      // Once the session is there: a first factor that is set up from now on ends it. What a workspace's own provider says opens
      // that workspace alone; whether it asks for more is its business.
      const waiting = onlyWorkspace === null ? await beginSecondStep(ctx, userId, way) : undefined;
      if (waiting) {
        await internalAdapter.deleteSession(session.token);
        return ctx.json<BegunSession>({ asked: waiting.asked });
      }
      await setSessionCookie(ctx, { session, user });
      return ctx.json<BegunSession>({ asked: null });
    },
  );
  return { id: 'parley-begin-session', endpoints: { beginSession } } as const;
}
