// What the channels keep in memory in one process: opened credentials, breakers, counts that wait to be written.
import { definePort } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { Activity } from './activity.ts';
import { Breakers } from './breakers.ts';
import { Connections, channelsTopic } from './connections.ts';
import { Reachability } from './reachability.ts';
import { Refusals } from './refusals.ts';

export interface ChannelRuntime {
  readonly connections: Connections;
  readonly breakers: Breakers;
  readonly reachability: Reachability;
  readonly refusals: Refusals;
  readonly activity: Activity;
  /** Makes every process, this one at once, read the channels again. */
  publishChange(): void;
  /** Writes what waits. */
  close(): Promise<void>;
}

export const channelRuntime = definePort<ChannelRuntime>('channel runtime');

export function createChannelRuntime(kernel: Kernel): ChannelRuntime {
  const connections = new Connections(kernel);
  const breakers = new Breakers(kernel);
  const refusals = new Refusals(kernel);
  const activity = new Activity(kernel);
  return {
    connections,
    breakers,
    reachability: new Reachability(kernel, connections, breakers),
    refusals,
    activity,
    publishChange: () => kernel.bus.publish(channelsTopic),
    close: async () => {
      await Promise.all([refusals.close(), activity.close()]);
    },
  };
}
