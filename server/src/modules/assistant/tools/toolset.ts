// The tools that whoever asks may use: theirs by role or by what is marked for contacts, never by what a text says.
import type { Actor, Context } from '../../../core/context.ts';
import { permissionsOfMember } from '../../tenancy/tenancy.ts';
import { knownTools, toolsAtHand } from './known-tools.ts';
import type { Audience, Tool } from './tool.ts';

export interface Toolset {
  readonly audience: Audience;
  /** Who acts. */
  readonly actor: Actor;
  readonly tools: readonly Tool[];
}

/** Of nobody, e.g. where an answer is only tried. */
export const noTools: Toolset = {
  audience: { kind: 'member' },
  actor: { kind: 'assistant', id: null, permissions: new Set() },
  tools: [],
};

export type Asker =
  | Extract<Audience, { kind: 'contact' }>
  /** A member, by what their role is now. */
  | { readonly kind: 'member'; readonly userId: string }
  /** Whoever a request came from. */
  | { readonly kind: 'caller'; readonly actor: Actor };

/** In a transaction for a contact only. Somebody who is no member any more has none. */
export async function toolsetFor(ctx: Context, asker: Asker): Promise<Toolset> {
  const audience: Audience = asker.kind === 'contact' ? asker : { kind: 'member' };
  const known = await (asker.kind === 'contact' ? toolsAtHand(ctx) : knownTools(ctx));
  const actor = await actorOf(ctx, asker);
  const tools = known.filter(
    ({ audiences, permission }) =>
      audiences.includes(audience.kind) && (audience.kind === 'contact' || actor.permissions.has(permission)),
  );
  return { audience, actor, tools };
}

async function actorOf(ctx: Context, asker: Asker): Promise<Actor> {
  if (asker.kind === 'caller') return asker.actor;
  if (asker.kind === 'contact') return { kind: 'assistant', id: null, permissions: new Set() };
  const { userId } = asker;
  const permissions = await ctx.transaction((tx) => permissionsOfMember(tx, tx.workspaceId, userId));
  return { kind: 'member', id: userId, permissions: permissions ?? new Set() };
}
