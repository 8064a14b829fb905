import type { Assistant } from '@parley/contract/assistant';
import type { Usage } from '@parley/contract/budgets';
import type { Model } from '@parley/contract/models';
import type { TrialAnswer } from '@parley/contract/runs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { conceptVectors } from '../../../test/concepts.ts';
import { startTestApp, type TestApp, type TestWorkspace } from '../../../test/harness.ts';
import { createOpenAiSimulator } from '../../providers/openai-compatible/simulator.ts';

const endpoint = createOpenAiSimulator();
let test: TestApp;
beforeAll(async () => {
  await endpoint.listen();
  test = await startTestApp({ environment: { EGRESS_ALLOW_HOSTS: '127.0.0.1' } });
});
beforeEach(() => endpoint.embedWith(conceptVectors));
afterEach(() => endpoint.reset());
afterAll(async () => {
  await test.close();
  await endpoint.close();
});

const racks = 'Racks for bicycles stand behind the gate of the courtyard.';
const question = 'Somewhere to leave my two-wheeler?';

/** A shop whose assistant asks a model, and whose knowledge is searched by meaning too. */
async function openShop(withChat: boolean): Promise<TestWorkspace> {
  const workspace = await test.workspace();
  const admin = workspace.as('admin');
  const texts = [racks, 'We give a refund within thirty days.', 'Breakfast is served from seven to ten.'];
  for (const content of texts) await admin.post('/api/v1/knowledge', { title: 'House', content });
  const addModel = async (name: string, capabilities: string[]) => {
    const input = { name, capabilities, baseUrl: endpoint.baseUrl, model: name };
    return (await admin.post<Model>('/api/v1/models', input)).body.id;
  };
  const embeddingModelId = await addModel('vectors', ['embeddings']);
  expect((await admin.put('/api/v1/routing', { embeddingModelId })).status).toBe(200);
  const { updatedAt: _, ...before } = (await admin.get<Assistant>('/api/v1/assistant')).body;
  const modelId = withChat ? await addModel('chat', ['chat']) : null;
  expect((await admin.put('/api/v1/assistant', { ...before, modelId })).status).toBe(200);
  await test.settled();
  return workspace;
}

const ask = async (workspace: TestWorkspace) =>
  (await workspace.as('admin').post<TrialAnswer>('/api/v1/assistant/answers', { question })).body;

it('a model reads the passage that no word of the question stands in, and its answer from it is given', async () => {
  const workspace = await openShop(true);
  endpoint.answerWith(({ messages }) => {
    const passages = messages.flatMap(({ content }) => content.split('<passage id="').slice(1));
    const name = passages.find((passage) => passage.includes('Racks for bicycles'))?.split('"', 1)[0];
    return name
      ? `Behind the gate of the courtyard there are racks for bicycles. [[${name}]]`
      : 'I do not know.';
  });
  const answer = await ask(workspace);
  expect(answer).toMatchObject({ outcome: 'answered' });
  expect(answer.readPassages.filter(({ cited }) => cited)).toHaveLength(1);
  expect(answer.readPassages.find(({ cited }) => cited)?.support).toBeLessThanOrEqual(0.4);
  const { body } = await workspace.as('admin').get<Usage>('/api/v1/usage?by=purpose');
  expect(body.items.find(({ key }) => key === 'embeddings')?.calls).toBe(2);
});

it('the built-in model, which only says what words are sure of, still calls a person', async () => {
  const answer = await ask(await openShop(false));
  expect(answer).toMatchObject({ outcome: 'handed_over' });
  expect(answer.readPassages[0]?.support).toBeGreaterThan(0);
});
