// Permissions in words, in the order in which people look for them.
import type { ListedPermission, PermissionArea } from '@parley/contract/roles';
import { useTexts } from '../../lib/texts.ts';
import { permissionTexts } from './texts-permissions.ts';

/** What a newer server knows, and this page does not, is shown in the server's words. */
export function usePermissionWords() {
  const words: Readonly<Record<string, string>> = useTexts(permissionTexts);
  return {
    area: (area: PermissionArea) => words[`area.${area}`] ?? area,
    permission: ({ name, allows }: Pick<ListedPermission, 'name' | 'allows'>) => words[name] ?? allows,
  };
}

const order: readonly PermissionArea[] = [
  'conversations',
  'assistant',
  'channels',
  'shop',
  'people',
  'workspace',
];

export function byArea(items: readonly ListedPermission[]): [PermissionArea, ListedPermission[]][] {
  // What most may comes first: to see before to change.
  const common = items.toSorted((left, right) => right.roles.length - left.roles.length);
  return [...Map.groupBy(common, ({ area }) => area)].sort(
    ([left], [right]) => order.indexOf(left) - order.indexOf(right),
  );
}
