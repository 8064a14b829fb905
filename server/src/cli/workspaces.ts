// Which workspace a command means: the one that is named, or the only one.
import type { App } from '../app.ts';
import { commandOrigin } from '../core/audit.ts';
import { type Context, systemActor } from '../core/context.ts';
import { newId } from '../core/identifiers.ts';
import { listWorkspaces } from '../modules/tenancy/tenancy.ts';
import { commandError } from './command.ts';
import { visible } from './visible.ts';

/** @param wanted an id or a name. @throws ParleyError when none or more than one fits */
export async function contextOf(app: App, wanted: string | undefined): Promise<Context> {
  const workspaces = await listWorkspaces(app.kernel.systemContext());
  const fitting = workspaces.filter(({ id, name }) => !wanted || id === wanted || name === wanted);
  const [only] = fitting;
  if (only && fitting.length === 1) {
    return app.kernel.context({
      workspaceId: only.id,
      actor: systemActor,
      requestId: newId(),
      origin: commandOrigin,
    });
  }
  if (workspaces.length === 0) {
    throw commandError('no_workspace', 'There is no workspace yet: start the server once, and it makes one.');
  }
  if (wanted && fitting.length === 0)
    throw commandError(
      'unknown_workspace',
      `No workspace has the id or the name "${wanted}". There are:\n${listOf(workspaces)}`,
    );
  throw commandError(
    'which_workspace',
    wanted
      ? `Several workspaces are called "${wanted}". Name one by its id:\n${listOf(fitting)}`
      : `There are several workspaces. Name one with --workspace:\n${listOf(workspaces)}`,
  );
}

const listedMax = 20;

function listOf(workspaces: readonly { id: string; name: string }[]): string {
  const lines = workspaces.slice(0, listedMax).map(({ id, name }) => `  ${id}  ${visible(name)}`);
  const more = workspaces.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}
