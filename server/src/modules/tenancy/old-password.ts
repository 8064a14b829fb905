// What the old password has opened ends with it, also where it was opened at the very moment of the change.
import { z } from 'zod';
import type { Kernel } from '../../core/kernel.ts';
import { type HookContext, isPassword, voidLinks } from './account-links.ts';
import { mailChange } from './second-factor/mails.ts';
import type { SignInRule } from './sign-in-hooks.ts';
import { endFamiliesOf } from './tokens/families.ts';

/** A sign-in takes less, however busy the server is. */
const signInSecondsMax = 120;

/**
 * Whether the password of this sign-in was changed while it was compared. Ask once whatever it opens is there: what was
 * there before the change went with it.
 */
export async function isOldPassword(kernel: Kernel, ctx: HookContext, userId: string): Promise<boolean> {
  const changed = await kernel.database.asSystem((queries) =>
    queries.sql(
      `select 1 from accounts where user_id = $1 and provider_id = 'credential' and updated_at > $2`,
      [userId, new Date(Date.now() - signInSecondsMax * 1000)],
    ),
  );
  return changed.length > 0 && !(await isPassword(ctx.context, userId, ctx.body?.password));
}

/** Loads the library. */
export async function createOldPasswordRule(kernel: Kernel): Promise<SignInRule> {
  const { APIError } = await import('better-auth/api');
  return {
    after: async (ctx) => {
      if (ctx.context.returned instanceof Error) return;
      if (ctx.path === '/change-password') {
        const { data } = z.object({ user: z.object({ id: z.string() }) }).safeParse(ctx.context.returned);
        if (!data) return;
        await kernel.database.asSystem(async (queries) => {
          await voidLinks(queries, data.user.id);
          await endFamiliesOf(queries, data.user.id);
        });
        await mailChange(kernel, data.user.id, 'passwordChanged');
        return;
      }
      const begun = ctx.context.newSession;
      if (ctx.path !== '/sign-in/email' || !begun) return;
      if (!(await isOldPassword(kernel, ctx, begun.user.id))) return;
      await ctx.context.internalAdapter.deleteSession(begun.session.token);
      throw new APIError('UNAUTHORIZED', {
        code: 'INVALID_EMAIL_OR_PASSWORD',
        message: 'Invalid email or password',
      });
    },
  };
}
