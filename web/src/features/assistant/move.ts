// Takes one of a list to another place in it; the others keep their order.
export function moved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const rest = items.toSpliced(from, 1);
  const [item] = items.slice(from, from + 1);
  return item === undefined ? rest : rest.toSpliced(Math.max(0, to), 0, item);
}
