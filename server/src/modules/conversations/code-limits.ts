// How many codes are sent, and where to: texts cost money, and who makes others send them to numbers that earn by it is
// stopped here.
import type { TransactionContext } from '../../core/context.ts';
import { conflict, ParleyError, validationError } from '../../core/errors.ts';
import { type ChannelSummary, countryOf, textChannel } from '../channels/channels.ts';
import { resendSeconds } from '../tenancy/tenancy.ts';

const hourMs = 3_600_000;

/** The most codes in an hour and in a day. */
const limits = {
  number: { hour: 5, day: 10 },
  user: { hour: 8, day: 20 },
  workspace: { hour: 60, day: 300 },
} as const;

/**
 * The channel for a code to that number.
 * @throws ParleyError 409 `no_text_channel`, `country_not_allowed`; 400 for a number of the workspace's own
 */
export async function codeChannel(tx: TransactionContext, to: string): Promise<ChannelSummary> {
  const channel = await textChannel(tx);
  if (!channel) throw conflict('no_text_channel', 'This workspace has no channel that can send a text now.');
  const [places] = await tx.sql<{
    default_country: string | null;
    code_countries: string[];
    countries: (string | null)[] | null;
    addresses: string[] | null;
  }>(
    `select w.default_country, w.code_countries, array_agg(c.country) as countries, array_agg(c.address) as addresses
     from workspaces w join channels c on c.workspace_id = w.workspace_id and c.deleted_at is null
     where w.workspace_id = $1 group by w.workspace_id`,
    [tx.workspaceId],
  );
  // Its code would stand in the inbox.
  if (places?.addresses?.includes(to)) throw validationError('This is a number of the workspace itself.');
  const country = countryOf(to);
  const allowed = new Set([
    places?.default_country,
    ...(places?.code_countries ?? []),
    ...(places?.countries ?? []),
    ...(places?.addresses ?? []).map(countryOf),
  ]);
  if (country === null || !allowed.has(country)) {
    throw conflict(
      'country_not_allowed',
      'This workspace sends no codes to that country. Who manages the workspace can allow it in its settings.',
    );
  }
  return channel;
}

interface Counts {
  number_hour: number;
  number_day: number;
  user_hour: number;
  user_day: number;
  workspace_hour: number;
  workspace_day: number;
  last_at: Date | string | null;
}

/** Waits for whoever else counts in this workspace. @throws ParleyError 429 `too_many_codes` */
export async function refuseTooManyCodes(
  tx: TransactionContext,
  { numberHash, userId }: { numberHash: string; userId: string },
): Promise<void> {
  const now = tx.clock.now();
  await tx.sql("select pg_advisory_xact_lock(hashtextextended('codes:' || $1, 0))", [tx.workspaceId]);
  const [counts] = await tx.sql<Counts>(
    `select count(*) filter (where number_hash = $2 and created_at > $4)::int as number_hour,
       count(*) filter (where number_hash = $2)::int as number_day,
       count(*) filter (where user_id = $3 and created_at > $4)::int as user_hour,
       count(*) filter (where user_id = $3)::int as user_day,
       count(*) filter (where created_at > $4)::int as workspace_hour,
       count(*)::int as workspace_day,
       max(created_at) filter (where number_hash = $2) as last_at
     from code_texts where workspace_id = $1 and created_at > $5`,
    [tx.workspaceId, numberHash, userId, new Date(now - hourMs), new Date(now - 24 * hourMs)],
  );
  if (!counts) return;
  const sinceMs = counts.last_at === null ? Number.POSITIVE_INFINITY : now - Number(new Date(counts.last_at));
  const coolDown = Math.ceil(resendSeconds - sinceMs / 1000);
  if (coolDown > 0) throw tooMany(coolDown, `Wait ${coolDown} seconds before you ask for another code.`);
  for (const who of ['number', 'user', 'workspace'] as const) {
    if (counts[`${who}_day`] >= limits[who].day) throw tooMany(24 * 3600, 'Too many codes today.');
    if (counts[`${who}_hour`] >= limits[who].hour)
      throw tooMany(3600, 'Too many codes in an hour. Try again later.');
  }
}

function tooMany(seconds: number, message: string): ParleyError {
  return new ParleyError({
    status: 429,
    code: 'too_many_codes',
    message,
    headers: { 'retry-after': String(seconds) },
  });
}
