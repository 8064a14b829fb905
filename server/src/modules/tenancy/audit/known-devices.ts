// From where a user has signed in before. A device is a browser on a system, a network the first part of an address: who
// keeps their browser and gets another address of the same network is known.
import { networkOf } from '../../../core/addresses.ts';
import type { Origin } from '../../../core/context.ts';
import type { Kernel } from '../../../core/kernel.ts';

/** After half a year, what one used before is new again. */
const rememberedDays = 180;

/** Remembers it. Returns whether the user has signed in before, and never from there. */
export async function noteDevice(kernel: Kernel, userId: string, origin: Origin): Promise<boolean> {
  const values = [userId, origin.device ?? '', networkOf(origin.address ?? '')];
  const now = kernel.clock.date();
  return kernel.database.asSystem(async (queries) => {
    await queries.sql('delete from known_devices where user_id = $1 and last_at < $2', [
      userId,
      new Date(now.getTime() - rememberedDays * 86_400_000),
    ]);
    const [before] = await queries.sql<{ any: boolean; same: boolean }>(
      `select count(*) > 0 as any, coalesce(bool_or(device = $2 and network = $3), false) as same
       from known_devices where user_id = $1`,
      values,
    );
    await queries.sql(
      `insert into known_devices (user_id, device, network, last_at) values ($1, $2, $3, $4)
       on conflict (user_id, device, network) do update set last_at = excluded.last_at`,
      [...values, now],
    );
    return Boolean(before?.any && !before.same);
  });
}
