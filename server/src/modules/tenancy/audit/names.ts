// How members and keys are called that the audit names by their ids, also those who are gone from the workspace; and whom an
// invitation is for, while it waits.
import type { Kernel } from '../../../core/kernel.ts';

interface Named {
  readonly kind: string;
  readonly id: string | null;
}

/** Users belong to no workspace: the system reads their names, and only of ids that the workspace's own audit holds. */
export async function namesOf(
  kernel: Kernel,
  workspaceId: string,
  named: readonly Named[],
): Promise<(kind: string, id: string | null) => string | null> {
  const idsOf = (kind: string) => [
    ...new Set(named.flatMap((one) => (one.kind === kind && one.id ? [one.id] : []))),
  ];
  const [members, keys, invitations] = [idsOf('member'), idsOf('api_key'), idsOf('invitation')];
  if (members.length + keys.length + invitations.length === 0) return () => null;
  const rows = await kernel.database.asSystem((queries) =>
    queries.sql<{ kind: string; id: string; name: string }>(
      `select 'member' as kind, id, name from users where id = any($1::text[])
       union all
       select 'api_key', id::text, name from api_keys where id::text = any($2::text[]) and workspace_id = $3
       union all
       select 'invitation', id::text, email from invitations where id::text = any($4::text[]) and workspace_id = $3`,
      [members, keys, workspaceId, invitations],
    ),
  );
  const names = new Map(rows.map(({ kind, id, name }) => [`${kind} ${id}`, name]));
  return (kind, id) => names.get(`${kind} ${id}`) ?? null;
}
