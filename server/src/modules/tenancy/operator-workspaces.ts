// Workspaces for whoever runs the installation: they make them for others, and see which there are.
import { commandOrigin } from '../../core/audit.ts';
import { type SystemContext, systemActor } from '../../core/context.ts';
import type { Kernel } from '../../core/kernel.ts';
import { enrolByOperator } from './enrol.ts';
import { makeWorkspace } from './make-workspace.ts';
import { signInPort } from './sign-in-port.ts';

interface Wanted {
  readonly name: string;
  readonly defaultCountry: string | null;
  readonly timeZone: string | null;
  readonly owner: {
    readonly email: string;
    readonly name?: string | undefined;
    readonly newPassword?: boolean | undefined;
  };
}

export interface MadeWorkspace {
  readonly id: string;
  readonly name: string;
  /** `password`: a first or another one, shown this once; null where theirs stays. */
  readonly owner: { readonly name: string; readonly email: string; readonly password: string | null };
}

/**
 * With its owner, who may be new to this installation.
 * @throws ParleyError 400 `name_missing` or for a country without numbers; 409 `address_unconfirmed`
 */
export async function makeByOperator(kernel: Kernel, { owner, ...wanted }: Wanted): Promise<MadeWorkspace> {
  const { user, password, isNew } = await enrolByOperator(kernel, owner);
  try {
    const teller = { actor: systemActor, origin: commandOrigin };
    const id = await makeWorkspace(kernel, { ...wanted, ownerId: user.id }, teller);
    return { id, name: wanted.name, owner: { name: user.name, email: user.email, password } };
  } catch (error) {
    if (isNew) await kernel.use(signInPort).withdrawUser(user.id);
    throw error;
  }
}

export interface ListedWorkspace {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly members: number;
  /** Their addresses. */
  readonly owners: readonly string[];
}

/** Those that came first at the top, and not those that are being erased. */
export async function listByOperator(ctx: SystemContext): Promise<ListedWorkspace[]> {
  const rows = await ctx.system((queries) =>
    queries.sql<{
      id: string;
      name: string;
      created_at: Date | string;
      members: number | string;
      owners: string[];
    }>(
      `select w.workspace_id as id, w.name, w.created_at,
         (select count(*) from members m where m.workspace_id = w.workspace_id) as members,
         array(select u.email from members m join users u on u.id = m.user_id
           where m.workspace_id = w.workspace_id and m.role = 'owner' order by m.created_at, u.email) as owners
       from workspaces w
       where exists (select 1 from workspace_keys k where k.workspace_id = w.workspace_id)
       order by w.created_at, w.workspace_id`,
    ),
  );
  return rows.map(({ id, name, owners, ...row }) => ({
    id,
    name,
    createdAt: new Date(row.created_at).toISOString(),
    members: Number(row.members),
    owners,
  }));
}
