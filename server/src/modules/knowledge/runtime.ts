// What knowledge needs of the process that it runs in.
import type { Bus } from '../../core/bus.ts';
import { definePort } from '../../core/context.ts';
import { keyedHash } from '../../core/crypto.ts';
import type { Egress } from '../../core/egress.ts';
import { WorkspaceCache } from '../../core/workspace-cache.ts';
import type { CutPassages, Knowledge } from './knowledge-index.ts';
import { type ReadingLimits, usualLimits } from './reading/process.ts';
import type { Vectors } from './vectors/load.ts';

export interface KnowledgeRuntime {
  readonly cache: WorkspaceCache<Knowledge>;
  readonly vectors: WorkspaceCache<Vectors>;
  /** Of all workspaces together. */
  readonly vectorBytesMax: number;
  /** By workspace: what was cut before, for the next time that something of it changes. */
  readonly cut: Map<string, CutPassages>;
  readonly egress: Egress;
  readonly limits: ReadingLimits;
  /** What is the same gives the same; says nothing of what it was. */
  fingerprint(of: string): string;
  /** Runs work when fewer than two documents are being read in this process: each may take half a gigabyte. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Runs work when no other of this workspace is being done in this process. */
  alone<T>(workspaceId: string, work: () => Promise<T>): Promise<T>;
}

export const knowledgeRuntime = definePort<KnowledgeRuntime>('knowledge');

const readersMax = 2;
/** Of so many workspaces a process keeps the knowledge in memory. */
export const workspacesMax = 200;

export function createKnowledgeRuntime(parts: {
  readonly bus: Bus;
  readonly egress: Egress;
  /** Derived for this purpose and no other. */
  readonly hashKey: Buffer;
  readonly limits?: ReadingLimits;
  /** Vectors that a process keeps in memory. */
  readonly vectorBytesMax: number;
}): KnowledgeRuntime {
  let running = 0;
  const waiting: (() => void)[] = [];
  const last = new Map<string, Promise<unknown>>();
  return {
    cache: new WorkspaceCache('knowledge', parts.bus, { staleAfterMs: 30_000, workspacesMax }),
    vectors: new WorkspaceCache('knowledge vectors', parts.bus, {
      staleAfterMs: 30_000,
      workspacesMax,
      weightMax: parts.vectorBytesMax,
      weightOf: ({ bytes }) => bytes,
    }),
    vectorBytesMax: parts.vectorBytesMax,
    cut: new Map(),
    egress: parts.egress,
    limits: parts.limits ?? usualLimits,
    fingerprint: (of) => keyedHash(parts.hashKey, of),
    inTurn: async (work) => {
      if (running >= readersMax) await new Promise<void>((go) => waiting.push(go));
      else running += 1;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
    alone: async (workspaceId, work) => {
      const before = last.get(workspaceId);
      const mine = Promise.allSettled([before]).then(work);
      last.set(workspaceId, mine);
      try {
        return await mine;
      } finally {
        if (last.get(workspaceId) === mine) last.delete(workspaceId);
      }
    },
  };
}
