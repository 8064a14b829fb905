// What is done around the sign-in library's own routes: each rule sits in a file of its own, and this runs them in order.
import type { HookContext } from './account-links.ts';

export interface SignInRule {
  /** @returns the answer where the library is not to be asked. @throws APIError where it is refused */
  before?(ctx: HookContext): Promise<object | undefined>;
  /** `ctx.context.returned` is the answer, or the error. @returns what is answered instead, if it is an object */
  after?(ctx: HookContext): Promise<unknown>;
}

/** Loads the library. */
export async function createSignInHooks(rules: readonly SignInRule[]) {
  const { createAuthMiddleware } = await import('better-auth/api');
  return {
    before: createAuthMiddleware(async (ctx) => {
      for (const rule of rules) {
        const answer = await rule.before?.(ctx);
        if (answer) return answer;
      }
      return undefined;
    }),
    after: createAuthMiddleware(async (ctx) => {
      let instead: object | undefined;
      for (const rule of rules) {
        const answer = await rule.after?.(ctx);
        if (typeof answer !== 'object' || answer === null) continue;
        instead = answer;
        ctx.context.returned = answer;
      }
      return instead;
    }),
  };
}
