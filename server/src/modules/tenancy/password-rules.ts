// Whether a new password is one that is guessed first: common ones (49,000 that were found in breaches), turned a little or
// not, keyboard runs, dates, and what is around the user. Without a network.
import { ParleyError } from '../../core/errors.ts';
import type { Kernel } from '../../core/kernel.ts';
import type { HookContext } from './account-links.ts';
import type { SignInRule } from './sign-in-hooks.ts';

export const passwordLengthMin = 10;
export const passwordLengthMax = 128;
const easy = 'This password is among the first that are guessed: it is common, or close to your name.';

/** Guesses that a password must withstand, as a power of ten; zxcvbn's score of 3. */
const scoreMin = 3;
/** What has to be left of a password without the words around its user. */
const restMin = 6;
/** What comes after these is not looked at: it makes no password worse, and the time grows with the length. */
const lengthLookedAt = 64;

interface Guesser {
  check(password: string, userInputs: string[]): { score: number };
}

let guesser: Promise<Guesser> | undefined;

/** Half a second of work, done when the first new password is chosen. */
async function openGuesser(): Promise<Guesser> {
  const [{ ZxcvbnFactory }, common] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  return new ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
}

const squeezed = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

/** Whether hardly anything is left of it without the words, however they are spaced, hyphenated and written large. */
function isLittleMore(password: string, words: readonly string[]): boolean {
  const whole = squeezed(password);
  const rest = words
    .map(squeezed)
    .filter((word) => word.length >= 4)
    .sort((one, other) => other.length - one.length)
    .reduce((left, word) => left.replaceAll(word, ''), whole);
  return rest.length < whole.length && rest.length < restMin;
}

/** @param around words that somebody who knows the user would try */
export async function isEasyPassword(password: string, around: readonly string[]): Promise<boolean> {
  const words = around.flatMap((text) => [text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  if (isLittleMore(password, words)) return true;
  guesser ??= openGuesser();
  const { score } = (await guesser).check(
    password.slice(0, lengthLookedAt),
    ['parley', ...words].map((word) => word.toLowerCase()).filter((word) => word.length > 2),
  );
  return score < scoreMin;
}

/** The user's name and address, and what their workspaces are called. */
async function wordsAround(kernel: Kernel, userId: string): Promise<string[]> {
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ word: string }>(
      `select unnest(array[name, email]) as word from users where id = $1
       union select w.name from workspaces w join members m using (workspace_id) where m.user_id = $1`,
      [userId],
    ),
  );
  return rows.map(({ word }) => word);
}

/** Of an account that we make ourselves. @param around words that somebody who knows the user would try @throws ParleyError 400 */
export async function checkNewPassword(password: string, around: readonly string[]): Promise<void> {
  const refuse = (code: string, message: string) => new ParleyError({ status: 400, code, message });
  if (password.length < passwordLengthMin)
    throw refuse('PASSWORD_TOO_SHORT', `A password has at least ${passwordLengthMin} characters.`);
  if (password.length > passwordLengthMax)
    throw refuse('PASSWORD_TOO_LONG', `A password has at most ${passwordLengthMax} characters.`);
  if (await isEasyPassword(password, around)) throw refuse('PASSWORD_EASY', easy);
}

/** Loads the library. */
export async function createPasswordRule(kernel: Kernel): Promise<SignInRule> {
  const { APIError, getSessionFromCtx } = await import('better-auth/api');
  const userOf = async (ctx: HookContext): Promise<string | undefined> => {
    if (ctx.path === '/change-password') return (await getSessionFromCtx(ctx))?.user.id;
    const token: unknown = ctx.body?.token;
    if (typeof token !== 'string') return undefined;
    return (await ctx.context.internalAdapter.findVerificationValue(`reset-password:${token}`))?.value;
  };
  return {
    before: async (ctx) => {
      if (ctx.path !== '/change-password' && ctx.path !== '/reset-password') return undefined;
      // The library takes the token from there as well, where this would not see whose password it is.
      if (ctx.query?.token !== undefined)
        throw new APIError('BAD_REQUEST', {
          code: 'INVALID_TOKEN',
          message: 'The token belongs into the body.',
        });
      const password: unknown = ctx.body?.newPassword;
      const { minPasswordLength: min, maxPasswordLength: max } = ctx.context.password.config;
      // The library refuses these, and who is nobody.
      if (typeof password !== 'string' || password.length < min || password.length > max) return undefined;
      const userId = await userOf(ctx);
      if (userId === undefined || !(await isEasyPassword(password, await wordsAround(kernel, userId))))
        return undefined;
      throw new APIError('BAD_REQUEST', {
        code: 'PASSWORD_EASY',
        message: easy,
      });
    },
  };
}
