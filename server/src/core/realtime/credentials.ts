// What the realtime socket asks of those who know users and keys, and of those who know what members say. The composition
// root joins them.
import type { ClientFrame } from '@parley/contract/realtime';
import type { FastifyRequest } from 'fastify';
import { type Context, definePort } from '../context.ts';
import type { Principal } from '../http.ts';

/** What a socket was opened with: a session, an API key, tokens, or an account elsewhere, in a workspace. */
export interface Credential {
  readonly kind: 'session' | 'api_key' | 'tokens' | 'account';
  readonly id: string;
  readonly workspaceId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | null;
}

/** The bus's topic for what may have ended: those who hold sockets are asked again at once. */
export const credentialsChanged = 'credentials';

export interface Holder {
  readonly principal: Principal & { readonly workspaceId: string };
  readonly credential: Credential;
}

/** `unauthenticated`: the session or the key is no more. `forbidden`: it is, but has no part in the workspace. */
export type Refusal = 'unauthenticated' | 'forbidden';

export interface SocketCredentials {
  /**
   * Reads who opens a socket, from its upgrade request.
   * @param workspaceId the one that was asked for; null: the user's first, or the key's.
   * @returns null where the request carries no credentials.
   */
  atUpgrade(request: FastifyRequest, workspaceId: string | null): Promise<Holder | Refusal | null>;
  ofToken(token: string, workspaceId: string | null): Promise<Holder | Refusal>;
  /** What each may do now, in order, by one query for all of them. */
  judge(credentials: readonly Credential[]): Promise<(ReadonlySet<string> | Refusal)[]>;
}

export const socketCredentials = definePort<SocketCredentials>('socket credentials');

/** A frame by which a member says something to the others. */
export type SaidFrame = Exclude<ClientFrame, { type: 'authenticate' | 'subscribe' | 'ping' }>;

/** Tells the others, if the actor may; says nothing otherwise. */
export type SaidFrames = (ctx: Context, frame: SaidFrame) => Promise<void>;

export const saidFrames = definePort<SaidFrames>('frames that members say');

/** By the type of an event, the permission that reads it; a type that is not in it is read by nobody. */
export const eventPermissions = definePort<ReadonlyMap<string, string>>('permissions of events');
