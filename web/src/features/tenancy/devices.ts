// From which device a session was opened, as its list shows it.
import { browserOf } from '@parley/contract/devices';

/** @returns name null for what is no browser that is known */
export function describeDevice(userAgent: string | null): { name: string | null; isHandset: boolean } {
  const text = userAgent ?? '';
  return { name: browserOf(text), isHandset: /Mobile|iPhone|Android/.test(text) };
}
