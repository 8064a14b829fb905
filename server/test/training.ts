// What tests of training data have in common: uploads, and waiting for what is read.
import type { TrainingData } from '@parley/contract/training-data';
import type { Context } from '../src/core/context.ts';
import { charactersMax } from '../src/modules/knowledge/store.ts';
import type { ApiResponse, TestApp, TestWorkspace } from './harness.ts';

export const trainingDataPath = '/api/v1/training-data';

export async function uploadTraining(
  test: TestApp,
  workspace: TestWorkspace,
  bytes: Buffer,
  name: string,
  { role = 'admin', live = true }: { readonly role?: 'admin' | 'agent'; readonly live?: boolean } = {},
): Promise<ApiResponse<TrainingData>> {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(bytes)]), name);
  const answer = await fetch(`${test.url}${trainingDataPath}/files${live ? '' : '?live=false'}`, {
    method: 'POST',
    headers: await workspace.as(role).authorization(),
    body: form,
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as TrainingData };
}

/** What it is when nobody reads it any more. */
export async function whenRead(test: TestApp, workspace: TestWorkspace, id: string): Promise<TrainingData> {
  return test.until(`the reading of ${id} to end`, async () => {
    const { body } = await workspace.as('viewer').get<TrainingData>(`${trainingDataPath}/${id}`);
    return body.state !== 'queued' && body.state !== 'reading' && body;
  });
}

/** Counts the documents of a workspace as so long that there is room for just so many more characters. */
export async function fillUp(ctx: Context, room: number): Promise<void> {
  await ctx.transaction((tx) =>
    tx.sql('update training_documents set characters = $2 where workspace_id = $1', [
      tx.workspaceId,
      charactersMax - room,
    ]),
  );
}
