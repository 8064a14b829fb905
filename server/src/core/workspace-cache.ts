// What a process may keep in memory of each workspace: forgotten in every process when it changes, and looked at again
// after a while, because a wake-up may be lost.
import type { Bus } from './bus.ts';

export interface WorkspaceCacheOptions<Value> {
  /** After this long an entry is loaded anew at its next use. */
  readonly staleAfterMs: number;
  /** The workspaces that were used longest ago make room. */
  readonly workspacesMax: number;
  /** Likewise, where entries differ in what they take. */
  readonly weightOf?: (value: Value) => number;
  readonly weightMax?: number;
}

interface Entry<Value> {
  readonly value: Promise<Value>;
  /** Set once it is loaded. */
  loaded: Value | undefined;
  readonly until: number;
}

export class WorkspaceCache<Value> {
  readonly #topic: string;
  readonly #bus: Bus;
  readonly #options: WorkspaceCacheOptions<Value>;
  /** In the order of use. */
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(name: string, bus: Bus, options: WorkspaceCacheOptions<Value>) {
    this.#topic = `cache.${name}`;
    this.#bus = bus;
    this.#options = options;
    bus.subscribe(this.#topic, (workspaceId) => {
      if (workspaceId) this.#entries.delete(workspaceId);
      else this.#entries.clear();
    });
  }

  /**
   * Call it before a transaction, never within: loading opens one.
   * @param load gets what was there before it grew stale, to keep it where nothing changed.
   */
  async get(workspaceId: string, load: (previous: Value | undefined) => Promise<Value>): Promise<Value> {
    const known = this.#entries.get(workspaceId);
    this.#entries.delete(workspaceId);
    if (known && known.until > performance.now()) {
      this.#entries.set(workspaceId, known);
      return known.value;
    }
    const value = load(known?.loaded);
    const entry: Entry<Value> = {
      value,
      loaded: undefined,
      until: performance.now() + this.#options.staleAfterMs,
    };
    this.#entries.set(workspaceId, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#options.workspacesMax) break;
      this.#entries.delete(oldest);
    }
    try {
      entry.loaded = await value;
      this.#makeRoom();
      return entry.loaded;
    } catch (error) {
      if (this.#entries.get(workspaceId) === entry) this.#entries.delete(workspaceId);
      throw error;
    }
  }

  #makeRoom(): void {
    const { weightOf, weightMax = Number.POSITIVE_INFINITY } = this.#options;
    if (!weightOf) return;
    const weights = [...this.#entries].map(([workspaceId, { loaded }]) => ({
      workspaceId,
      weight: loaded === undefined ? 0 : weightOf(loaded),
    }));
    let sum = weights.reduce((all, { weight }) => all + weight, 0);
    for (const { workspaceId, weight } of weights) {
      if (sum <= weightMax) break;
      if (weight === 0) continue;
      this.#entries.delete(workspaceId);
      sum -= weight;
    }
  }

  /** What is in memory now, stale or not; undefined when nothing is. */
  peek(workspaceId: string): Value | undefined {
    return this.#entries.get(workspaceId)?.loaded;
  }

  /** Here alone. */
  forget(workspaceId: string): void {
    this.#entries.delete(workspaceId);
  }

  /** Tells every process that a workspace's value is another one now. Call it after the commit. */
  changed(workspaceId: string): void {
    this.#bus.publish(this.#topic, workspaceId);
  }
}
