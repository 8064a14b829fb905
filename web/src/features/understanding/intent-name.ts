// The name of an intent as a person reads it.

/** `lost_parcel` is "Lost parcel". Pure. */
export function readableIntent(name: string): string {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
