// Makes figures by day ready to be looked at. Pure.

/** The first moment of so many days that end today, in the browser's time zone. */
export function firstMoment(days: number, nowMs: number): Date {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - (days - 1));
}

/** So many days from the first moment on, as the server names them. */
export function daysFrom(first: Date, days: number): string[] {
  return Array.from({ length: days }, (_, index) => {
    const day = new Date(first.getFullYear(), first.getMonth(), first.getDate() + index);
    const two = (part: number) => String(part).padStart(2, '0');
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  });
}

/** For each day how much of it: a day without any is part of the picture. */
export function amountsByDay<Item extends { readonly day: string }>(
  days: readonly string[],
  items: readonly Item[],
  amountOf: (item: Item) => number,
): number[] {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(item.day, (sums.get(item.day) ?? 0) + amountOf(item));
  return days.map((day) => sums.get(day) ?? 0);
}

export const sum = (amounts: readonly number[]): number => amounts.reduce((all, amount) => all + amount, 0);

/** All days together, the most first. */
export function totalsBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  amountOf: (item: Item) => number,
): { readonly key: string; readonly amount: number }[] {
  const totals = new Map<string, number>();
  for (const item of items) totals.set(keyOf(item), (totals.get(keyOf(item)) ?? 0) + amountOf(item));
  return [...totals]
    .map(([key, amount]) => ({ key, amount }))
    .sort((one, other) => other.amount - one.amount);
}
