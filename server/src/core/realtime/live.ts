// Live frames: who is typing, what the assistant is writing. Told to every process over the bus, never logged, worth
// nothing a moment later: one that is lost is not missed.
import { type LiveFrame, liveFrame } from '@parley/contract/realtime';
import { definePort } from '../context.ts';
import type { Kernel } from '../kernel.ts';

const topic = 'live';
/** NOTIFY takes 8000 bytes; what the bus puts before the payload has room too. */
const payloadLengthMax = 7900;

export interface LiveListener {
  /** @param userId the only member who may hear it; null: all who have the permission. */
  readonly hear: (workspaceId: string, frame: LiveFrame, permission: string, userId: string | null) => void;
  /** Spares opening what nobody in this process would hear. */
  readonly isWanted: (workspaceId: string) => boolean;
}

export class Live {
  readonly #kernel: Kernel;
  readonly #isShared: boolean;
  readonly #listeners = new Set<LiveListener>();
  #isPublishing = false;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const { DATABASE_URL, REDIS_URL } = kernel.config;
    this.#isShared = DATABASE_URL !== undefined || REDIS_URL !== undefined;
    kernel.bus.subscribe(topic, (payload) => {
      // What this process says, its own listeners have heard already.
      if (!this.#isPublishing && payload !== '') void this.#receive(payload);
    });
  }

  /**
   * Tells every socket in the workspace whose holder has the permission, or of these one member's only. Waits for nothing
   * and never throws. Call it outside of a transaction: it may have to load the workspace's keys.
   */
  publish(workspaceId: string, frame: LiveFrame, permission: string, userId: string | null = null): void {
    for (const { hear } of this.#listeners) hear(workspaceId, frame, permission, userId);
    if (this.#isShared) void this.#send(workspaceId, frame, permission, userId);
  }

  /** Returns how to stop. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // Sealed: the bus may be a Redis that others can read.
  async #send(
    workspaceId: string,
    frame: LiveFrame,
    permission: string,
    userId: string | null,
  ): Promise<void> {
    try {
      const vault = await this.#kernel.keyring.vault(workspaceId);
      const sealed = vault.seal(JSON.stringify(frame), place(permission, userId)).toString('base64url');
      const payload = `${workspaceId}/${permission}/${userId ?? ''}/${sealed}`;
      if (payload.length > payloadLengthMax && this.#kernel.config.REDIS_URL === undefined) return;
      this.#isPublishing = true;
      this.#kernel.bus.publish(topic, payload);
    } catch (error) {
      this.#kernel.log.debug({ err: error }, 'a live frame could not be told');
    } finally {
      this.#isPublishing = false;
    }
  }

  async #receive(payload: string): Promise<void> {
    const [workspaceId = '', permission = '', only = '', sealed = ''] = payload.split('/');
    const userId = only === '' ? null : only;
    const listeners = [...this.#listeners].filter(({ isWanted }) => isWanted(workspaceId));
    if (listeners.length === 0) return;
    try {
      const vault = await this.#kernel.keyring.vault(workspaceId);
      const text = vault.openText(Buffer.from(sealed, 'base64url'), place(permission, userId));
      const frame = liveFrame.parse(JSON.parse(text));
      for (const { hear } of listeners) hear(workspaceId, frame, permission, userId);
    } catch (error) {
      this.#kernel.log.debug({ err: error }, 'a live frame could not be read');
    }
  }
}

const place = (permission: string, userId: string | null) => `live:${permission}:${userId ?? ''}`;

/** Where modules say what is live. */
export const livePort = definePort<Live>('live frames');
