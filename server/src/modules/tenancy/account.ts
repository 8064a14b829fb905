// A signed-in user's own things, the same in every workspace: their name, how the app looks to them, and when it leaves them
// alone. Users belong to no workspace: the system's role reads and writes them, for nobody but themselves.
import type { SpokenLanguage } from '@parley/contract/common';
import type { ChangePreferences, Preferences } from '@parley/contract/tenancy';
import { eq } from 'drizzle-orm';
import type { SystemContext } from '../../core/context.ts';
import type { Queries } from '../../core/database.ts';
import { ParleyError } from '../../core/errors.ts';
import type { Principal } from '../../core/http.ts';
import { userPreferences, users } from './tables.ts';

const usual: Preferences = {
  language: null,
  theme: 'system',
  notify: 'mine',
  enterSends: null,
  tourDone: false,
  timeZone: null,
  quietHours: null,
};

/** The user who is signed in. @throws ParleyError 403 for an API key */
export function signedInUserId({ actor }: Principal): string {
  if (actor.kind === 'member' && actor.id !== null) return actor.id;
  throw new ParleyError({
    status: 403,
    code: 'forbidden',
    message: 'This is a user’s own: sign in, an API key has none.',
  });
}

export async function renameUser(ctx: SystemContext, userId: string, name: string): Promise<void> {
  await ctx.system((queries) =>
    queries.drizzle.update(users).set({ name, updatedAt: ctx.clock.date() }).where(eq(users.id, userId)),
  );
}

export async function readPreferences(ctx: SystemContext, userId: string): Promise<Preferences> {
  const [row] = await ctx.system((queries) =>
    queries.drizzle.select().from(userPreferences).where(eq(userPreferences.userId, userId)),
  );
  return row ? toPreferences(row) : usual;
}

/** What they chose to read, else `browsers`. */
export async function languageOfUser(
  ctx: SystemContext,
  userId: string,
  browsers: SpokenLanguage,
): Promise<SpokenLanguage> {
  return (await readPreferences(ctx, userId)).language ?? browsers;
}

/** Whom a mail is written to. */
export interface Reader {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** What they chose to read, else English. */
  readonly language: SpokenLanguage;
}

/** In the order of the ids, without those that are no user's. As the system's role. */
export const readersOf = (queries: Pick<Queries, 'sql'>, userIds: readonly string[]): Promise<Reader[]> =>
  queries.sql<Reader>(
    `select u.id, u.name, u.email, coalesce(p.language, 'en') as language
     from users u left join user_preferences p on p.user_id = u.id
     where u.id = any($1::text[]) order by array_position($1::text[], u.id)`,
    [userIds],
  );

/** What the input does not name stays. */
export async function changePreferences(
  ctx: SystemContext,
  userId: string,
  input: ChangePreferences,
): Promise<Preferences> {
  const change = { ...input, updatedAt: ctx.clock.date() };
  const [row] = await ctx.system((queries) =>
    queries.drizzle
      .insert(userPreferences)
      .values({ userId, ...change })
      .onConflictDoUpdate({ target: userPreferences.userId, set: change })
      .returning(),
  );
  return row ? toPreferences(row) : usual;
}

function toPreferences(row: typeof userPreferences.$inferSelect): Preferences {
  const { language, theme, notify, enterSends, tourDone, timeZone, quietHours } = row;
  return { language, theme, notify, enterSends, tourDone, timeZone, quietHours };
}
