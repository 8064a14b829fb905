// What the audit keeps of acts that no transaction of ours does: refused requests, sign-ins, reading. Nobody waits for it,
// so that neither a caller nor the time it takes tells who is known here.
import { type Actor, type Context, definePort, type Origin, systemActor } from '../../../core/context.ts';
import type { EventDefinition } from '../../../core/events.ts';
import type { RequestWatch } from '../../../core/http.ts';
import { newId } from '../../../core/identifiers.ts';
import type { Kernel } from '../../../core/kernel.ts';
import { stepUpFailed } from '../second-factor/events.ts';
import { type SignedInSession, signInPort, type User } from '../sign-in-port.ts';
import { Bounded } from './bounded.ts';
import {
  accessRefused,
  auditRead,
  deviceSeen,
  type GivenFactor,
  passwordChanged,
  sessionBegan,
  sessionEnded,
  signInFailed,
  tokenReused,
} from './events.ts';
import { KeyReads } from './key-reads.ts';
import { noteDevice } from './known-devices.ts';

export interface SecurityWatch extends RequestWatch {
  /** Somebody looks at the audit. */
  auditRead(ctx: Context): void;
  /** A wrong password, for whatever address. */
  signInFailed(email: string, origin: Origin): void;
  /** Somebody could not prove that they are the user: at a session of theirs, or `event` says at what. */
  verificationFailed(userId: string, origin: Origin, event?: typeof stepUpFailed): void;
  /** A session began. @param cookie that it was given @param secondFactor where one was given, or is remembered */
  signedIn(cookie: string, origin: Origin, secondFactor: GivenFactor | null): void;
  /** By the user themselves, who had this session. */
  signedOut(session: User & SignedInSession, origin: Origin): void;
  /** By the user themselves. @param cookie of their session */
  passwordChanged(cookie: string, origin: Origin): void;
  /** A refresh token was used twice, and its family ended. */
  tokenReused(userId: string, origin: Origin): Promise<void>;
  /** By the operator. */
  passwordReset(email: string, origin: Origin): Promise<void>;
  /** Writes what waits. */
  close(): Promise<void>;
}

export const securityWatch = definePort<SecurityWatch>('security watch');

/** A user is hardly in more: so many workspaces are told. */
const workspacesMax = 100;

export function createSecurityWatch(kernel: Kernel): SecurityWatch {
  const bounded = new Bounded(kernel.clock, kernel.log);
  const keyReads = new KeyReads(kernel);
  const memberOf = (userId: string): Actor => ({ kind: 'member', id: userId, permissions: new Set() });

  const append = <Payload>(ctx: Context, event: EventDefinition<Payload>, payload: Payload) =>
    ctx.transaction(async (tx) => tx.append(event, payload));
  const everywhere = async (
    userId: string,
    actor: Actor,
    origin: Origin,
    work: (ctx: Context) => Promise<void> | void,
  ): Promise<void> => {
    const rows = await kernel.database.asSystem((queries) =>
      queries.sql<{ workspace_id: string }>(
        `select workspace_id from members where user_id = $1 order by created_at limit ${workspacesMax}`,
        [userId],
      ),
    );
    const requestId = newId();
    for (const { workspace_id: workspaceId } of rows)
      await work(kernel.context({ workspaceId, actor, requestId, origin }));
  };
  const findUser = async (email: string): Promise<string | undefined> => {
    const [user] = await kernel.database.asSystem((queries) =>
      // The library keeps addresses in lower case.
      queries.sql<{ id: string }>('select id from users where email = $1', [email.toLowerCase()]),
    );
    return user?.id;
  };
  const tell = (
    userId: string,
    actor: Actor,
    origin: Origin,
    event: EventDefinition<{ userId: string }>,
  ): Promise<void> => everywhere(userId, actor, origin, (ctx) => append(ctx, event, { userId }));
  const ofSession = async (
    cookie: string,
    origin: Origin,
    work: (userId: string, origin: Origin, way: string) => Promise<void>,
  ): Promise<void> => {
    const user = await kernel.use(signInPort).sessionUser(new Headers({ cookie }));
    if (user) await work(user.id, { ...origin, sessionId: user.sessionId }, user.way);
  };

  return {
    refused: (ctx, { method, path }) => {
      const route = `${method} ${path}`;
      const { kind, id } = ctx.actor;
      bounded.note(`refused ${ctx.workspaceId} ${kind} ${id} ${route}`, (count) =>
        append(ctx, accessRefused, { route, count }),
      );
    },
    read: (keyId, workspaceId) => keyReads.note(keyId, workspaceId),
    auditRead: (ctx) => {
      const { kind, id } = ctx.actor;
      bounded.note(`read ${ctx.workspaceId} ${kind} ${id}`, (count) => append(ctx, auditRead, { count }));
    },
    signInFailed: (email, origin) =>
      bounded.run(async () => {
        const userId = await findUser(email);
        if (!userId) return;
        await everywhere(userId, systemActor, origin, (ctx) =>
          bounded.note(`sign-in ${ctx.workspaceId} ${userId}`, (count) =>
            tellFailed(ctx, signInFailed, userId, count),
          ),
        );
      }),
    verificationFailed: (userId, origin, event = stepUpFailed) =>
      bounded.run(() =>
        everywhere(userId, memberOf(userId), origin, (ctx) =>
          bounded.note(`${event.type} ${ctx.workspaceId} ${userId}`, (count) =>
            tellFailed(ctx, event, userId, count),
          ),
        ),
      ),
    signedIn: (cookie, origin, secondFactor) =>
      bounded.run(() =>
        ofSession(cookie, origin, async (userId, from, kept) => {
          // The library, which opens it, leaves the session with the usual way.
          const way = secondFactor === 'passkey' ? secondFactor : kept;
          await everywhere(userId, memberOf(userId), from, (ctx) =>
            bounded.note(`session ${ctx.workspaceId} ${userId} ${way} ${secondFactor}`, (count) =>
              append(ctx, sessionBegan, { userId, way, secondFactor, count }),
            ),
          );
          if (await noteDevice(kernel, userId, from)) await tell(userId, memberOf(userId), from, deviceSeen);
        }),
      ),
    signedOut: ({ id: userId, sessionId, onlyWorkspace }, origin) =>
      bounded.run(() =>
        everywhere(userId, memberOf(userId), { ...origin, sessionId }, (ctx) => {
          if (onlyWorkspace !== null && onlyWorkspace !== ctx.workspaceId) return;
          bounded.note(`sign-out ${ctx.workspaceId} ${userId}`, (count) =>
            append(ctx, sessionEnded, { userId, how: 'signed_out', count }),
          );
        }),
      ),
    passwordChanged: (cookie, origin) =>
      bounded.run(() =>
        ofSession(cookie, origin, (userId, from) => tell(userId, memberOf(userId), from, passwordChanged)),
      ),
    tokenReused: (userId, origin) => tell(userId, memberOf(userId), origin, tokenReused),
    passwordReset: async (email, origin) => {
      const userId = await findUser(email);
      if (userId) await tell(userId, systemActor, origin, passwordChanged);
    },
    close: async () => {
      await bounded.close();
      await keyReads.close();
    },
  };
}

async function tellFailed(
  ctx: Context,
  event: typeof signInFailed,
  userId: string,
  count: number,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const [row] = await tx.sql<{ earlier: string | number | null }>(
      `select sum((details->>'count')::int) as earlier from audit_entries
       where workspace_id = $1 and action = $2 and target_id = $3 and occurred_at > $4`,
      [tx.workspaceId, event.type, userId, new Date(tx.clock.now() - 3_600_000)],
    );
    tx.append(event, { userId, count, withinHour: Number(row?.earlier ?? 0) + count });
  });
}
