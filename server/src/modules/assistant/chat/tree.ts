// A chat's messages are a tree: an edited question and another answer stand beside the one before. Pure.

export interface TreeNode {
  readonly id: string;
  readonly parentId: string | null;
  /** The one of its siblings that is shown. */
  readonly chosen: boolean;
}

export interface Shown {
  readonly id: string;
  /** Itself and those beside it, in the order of the nodes. */
  readonly siblings: readonly string[];
}

/** From the first message down, at each fork the chosen way; the last one where none is. */
export function shownPath(nodes: readonly TreeNode[]): Shown[] {
  const children = Map.groupBy(nodes, ({ parentId }) => parentId);
  const path: Shown[] = [];
  for (let parentId: string | null = null; ; ) {
    const siblings: readonly TreeNode[] = children.get(parentId) ?? [];
    const shown = siblings.find(({ chosen }) => chosen) ?? siblings.at(-1);
    if (!shown) return path;
    path.push({ id: shown.id, siblings: siblings.map(({ id }) => id) });
    parentId = shown.id;
  }
}

/** The ids from the first message down to one. */
export function pathTo(nodes: readonly TreeNode[], id: string): string[] {
  const parentOf = new Map(nodes.map((node) => [node.id, node.parentId]));
  const path: string[] = [];
  for (let at: string | null = id; at !== null; at = parentOf.get(at) ?? null) path.unshift(at);
  return path;
}
