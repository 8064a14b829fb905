import type { Model } from '@parley/contract/models';
import { type DryRun, type RoutedWork, routedWork, routingSettings } from '@parley/contract/routing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { newId } from '../../core/identifiers.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';
import { generateAnswer } from './inference.ts';

const simulator = createOpenAiSimulator();
let test: TestApp;
beforeAll(async () => {
  await simulator.listen();
  test = await startTestApp({ environment: { EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
});
afterAll(async () => {
  await test.close();
  await simulator.close();
});

async function openWorkspace(overrides: (ids: { first: string; second: string }) => object) {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const add = async (name: string) =>
    (await admin.post<Model>('/api/v1/models', { name, baseUrl: simulator.baseUrl, model: name })).body.id;
  const ids = { first: await add('First'), second: await add('Second') };
  const settings = routingSettings.parse({ overrides: overrides(ids) });
  expect((await admin.put('/api/v1/routing', settings)).status).toBe(200);
  return { workspace, ...ids };
}

const tryOn = async (workspace: TestWorkspace, work: RoutedWork, changes: object) => {
  const input = { text: 'When do you open?', work, ...changes };
  return (await workspace.as('viewer').post<DryRun>('/api/v1/routing/dry-run', input)).body;
};
const namesOf = ({ candidates }: DryRun) => candidates.map(({ model }) => model);

const answerFor = (
  { ctx }: TestWorkspace,
  purpose: 'run' | 'chat' | 'check' | 'trial' | 'shadow',
  preferredModelId: string,
) =>
  generateAnswer(ctx, {
    prompt: { instructions: 'Answer.', messages: [{ role: 'user', content: 'When do you open?' }] },
    language: 'en',
    sensitivity: 'normal',
    preferredModelId,
    purpose,
    signal: AbortSignal.timeout(30_000),
  });

describe('an override of the routing', () => {
  it('asks other models first for its work, and leaves all other work as it is', async () => {
    const { workspace, first } = await openWorkspace(({ second }) => ({ chat: { order: [second] } }));
    const orders = await Promise.all(
      routedWork.options.map(async (work) => namesOf(await tryOn(workspace, work, { modelId: first }))),
    );
    expect(orders).toEqual([
      ['First', 'Second', 'parley/builtin'],
      ['Second', 'First', 'parley/builtin'],
      ['First', 'Second', 'parley/builtin'],
    ]);
    expect((await answerFor(workspace, 'run', first)).model).toBe('First');
    expect((await answerFor(workspace, 'chat', first)).model).toBe('Second');
  });

  it('for answers to contacts holds for what stands for them, but a shadow run tries the model that it names', async () => {
    const { workspace, first } = await openWorkspace(({ second }) => ({ run: { order: [second] } }));
    for (const [purpose, model] of [
      ['run', 'Second'],
      ['check', 'Second'],
      ['trial', 'Second'],
      ['shadow', 'First'],
    ] as const)
      expect([purpose, (await answerFor(workspace, purpose, first)).model]).toEqual([purpose, model]);
  });

  it('for programs leaves a model that is named first, and orders those that the router chooses from', async () => {
    const { workspace, first } = await openWorkspace(({ second }) => ({ api: { order: [second] } }));
    const automatic = { modelId: null, automatic: true };
    expect(namesOf(await tryOn(workspace, 'api', automatic))).toEqual(['Second', 'First', 'parley/builtin']);
    expect(namesOf(await tryOn(workspace, 'api', { modelId: first }))[0]).toBe('First');
  });

  it('keeps its work private and has a last resort of its own, and makes nothing public', async () => {
    const { workspace, first } = await openWorkspace(() => ({
      api: { alwaysPrivate: true },
      chat: { alwaysPrivate: true, lastResort: 'person' },
    }));
    expect(await tryOn(workspace, 'run', { modelId: first })).toMatchObject({
      sensitivity: 'normal',
      lastResort: 'built_in',
    });
    expect(await tryOn(workspace, 'chat', { modelId: first })).toMatchObject({
      sensitivity: 'private',
      because: ['workspace'],
      candidates: [],
      lastResort: 'person',
    });
    expect((await answerFor(workspace, 'chat', first)).model).toBeNull();
    const program = { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] };
    expect(await workspace.as('agent').post('/v1/chat/completions', program)).toMatchObject({
      status: 403,
      body: { error: { code: 'private_content' } },
    });
    const settings = routingSettings.parse({
      alwaysPrivate: true,
      overrides: { run: { alwaysPrivate: false } },
    });
    expect((await workspace.as('admin').put('/api/v1/routing', settings)).status).toBe(200);
    expect(await tryOn(workspace, 'run', { modelId: first })).toMatchObject({ sensitivity: 'private' });
  });

  it('names only models that are here', async () => {
    const { workspace } = await openWorkspace(() => ({}));
    const settings = routingSettings.parse({ overrides: { chat: { order: [newId()] } } });
    expect((await workspace.as('admin').put('/api/v1/routing', settings)).status).toBe(404);
  });
});
