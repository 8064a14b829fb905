// The door of channels: connected addresses, the journal of what came in on them, and the calls that go out.
// biome-ignore-all lint/performance/noBarrelFile: other modules may import this one file of the folder and no other.

export { countSegments } from '@parley/contract/segments';
export { testChannel } from './channel-health.ts';
export { createChannel, listChannels } from './channel-settings.ts';
export {
  type ChannelSummary,
  channelAdapters,
  channelsTopic,
  defaultChannel,
  findChannel,
  textChannel,
} from './connections.ts';
export {
  type Delivery,
  deliveryReceived,
  readDeliveries,
  type SettledDelivery,
  settleDeliveries,
} from './deliveries.ts';
export { disconnectAll, rentedNumbers } from './disconnect-all.ts';
export {
  callProvider,
  explainCode,
  fetchChannelMedia,
  isOptOutCode,
  lookUpAtProvider,
  reserveSendSlot,
} from './outgoing.ts';
export {
  type CountryCode,
  countryOf,
  directoryVariants,
  isCountryCode,
  type NormalizedPhoneNumber,
  normalizePhoneNumber,
  phoneNumberKey,
} from './phone-numbers.ts';
export { channelRuntime, createChannelRuntime } from './runtime.ts';
