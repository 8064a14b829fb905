// Puts all cases to the assistant as it is: for a person who changed something, or for a pipeline that must stop.
import type { AnswerCase } from '@parley/contract/answer-cases';
import { z } from 'zod';
import { defineCommand, table } from '../command.ts';

const shownMax = 200;

const reasons: Readonly<Record<string, string>> = {
  handed_over: 'left to a person',
  answered: 'answered, where a person was to',
  other_source: 'answered from elsewhere',
  words_missing: 'words are missing',
  not_answered: 'no model could be asked',
};

export const assistantCheckCommand = defineCommand({
  name: 'assistant check',
  description: 'Put all cases to the assistant as it is now',
  place: 'anywhere',
  input: z.object({
    workspace: z
      .string()
      .optional()
      .describe('the workspace, by id or name; not needed when there is only one'),
  }),
  run: async (host, input, progress) => {
    const [{ contextOf }, { checkHere, listCases }] = await Promise.all([
      import('../workspaces.ts'),
      import('../../modules/assistant/assistant.ts'),
    ]);
    const ctx = await contextOf(await host.app(), input.workspace);
    const check = await checkHere(ctx, host.signal, ({ done, total }) => {
      if (done % 10 === 0) progress(`${done} of ${total} checked`);
    });
    const failures: AnswerCase[] = [];
    if (check.failed > 0) {
      const { items } = await listCases(ctx, { passed: 'false', limit: shownMax });
      failures.push(...items);
    }
    return { check, failures };
  },
  print: ({ check, failures }) => {
    const { done, failed, state } = check;
    if (done === 0) return 'There are no cases yet.';
    const sum = `${done - failed} of ${done} cases passed${state === 'done' ? '' : ` (${state})`}.`;
    const rows = failures.map(({ question, result }) => [
      question.slice(0, 60),
      reasons[result?.because ?? ''] ?? '',
      (result?.answer ?? '').replaceAll('\n', ' ').slice(0, 60),
    ]);
    return failed === 0 ? sum : `${sum}\n\n${table(['question', 'why not', 'answer'], rows)}`;
  },
  failed: ({ check }) => check.failed > 0 || check.state !== 'done',
});
