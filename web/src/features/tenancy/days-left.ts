const dayMs = 86_400_000;

/** How many days are left, to the nearest; 0 on the last one, below it when the time is over. */
export function daysLeft(expiresAt: string, nowMs: number): number {
  const leftMs = Date.parse(expiresAt) - nowMs;
  if (leftMs < 0) return -1;
  return leftMs < dayMs ? 0 : Math.round(leftMs / dayMs);
}
