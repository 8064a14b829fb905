import type { TransactionContext } from '../../core/context.ts';
import { type Module, subscribe } from '../../core/module.ts';
import { type EnqueueOptions, work } from '../../core/queue.ts';
import { conversationChanged } from '../conversations/conversations.ts';
import { messageUnderstood } from '../understanding/understanding.ts';
import { answer, giveUpLostRuns } from './answer.ts';
import { caseCheckChanged, check, checkCases } from './case-checks.ts';
import { answerCaseChanged, answerPlace, contentPlace as caseContentPlace } from './cases.ts';
import { answer as answerChat, cutLostAnswers } from './chat/answer.ts';
import { forgetRemovedChat, titlePlace } from './chat/chats.ts';
import { fileTextPlace, readShownFile } from './chat/file-reading.ts';
import { fileKeyPlace, removeUnsentFiles } from './chat/files.ts';
import { answerInChat, endLostAnswers, forgetChat, readChatFile, sweepChatFiles } from './chat/jobs.ts';
import { contentPlace, fileNamePlace, stepsPlace } from './chat/view.ts';
import { answerConversation, endLostRuns } from './jobs.ts';
import { askToLearn, learn, learnDue, learnFromRested } from './learning/learn.ts';
import { learningChanged } from './learning/learning.ts';
import { lookThroughChanged } from './learning/look-through-rows.ts';
import { look, lookThrough } from './learning/look-throughs.ts';
import { proposalChanged, proposalPlace } from './learning/proposals.ts';
import { runStepsPlace } from './run-steps.ts';
import { handOverPlace, runFinished } from './runs.ts';
import { assistantChanged, assistantRuntime, consentRuleChanged } from './settings.ts';
import { shadowAnswer, shadowRunChanged } from './shadow-events.ts';
import { changesPlace } from './shadow-runs.ts';
import { answerInShadow, shadowAnswerPlace } from './shadow-work.ts';
import { stored } from './stored.ts';
import { confirmationChanged, inputPlace, resultPlace } from './tools/ask-confirmation.ts';
import { endConfirmations, endOverdue, runConfirmed, runNow } from './tools/confirmations.ts';
import { headersPlace } from './tools/http-tool.ts';
import { serverHeadersPlace } from './tools/server-tool.ts';
import { toolChanged } from './tools/tool-changed.ts';

/** One turn waits for each conversation, until the burst is likely to be over; the turn itself looks again. */
function whenSilent(tx: TransactionContext, conversationId: string): EnqueueOptions {
  const burstWaitMs = tx.use(assistantRuntime).settings.peek(tx.workspaceId)?.burstWaitMs ?? 0;
  return burstWaitMs > 0
    ? { key: conversationId, startAfter: new Date(tx.clock.now() + burstWaitMs) }
    : { key: conversationId };
}

const byId = (table: string, column: string, place: (id: string) => string) => ({
  table,
  column,
  key: ['id'],
  place: (row: Readonly<Record<string, string>>) => place(row.id ?? ''),
});

export const assistantModule: Module = {
  name: 'assistant',
  routes: async (server, kernel) => {
    (await import('./routes.ts')).registerAssistantRoutes(server, kernel.systemContext());
    (await import('./case-routes.ts')).registerCaseRoutes(server);
    (await import('./shadow-routes.ts')).registerShadowRoutes(server);
    (await import('./learning/routes.ts')).registerLearningRoutes(server);
    (await import('./chat/routes.ts')).registerChatRoutes(server);
    await (await import('./chat/file-routes.ts')).registerChatFileRoutes(server);
    (await import('./tools/tool-routes.ts')).registerToolRoutes(server);
    (await import('./tools/mcp-routes.ts')).registerMcpRoutes(server);
  },
  events: [
    assistantChanged,
    consentRuleChanged,
    runFinished,
    answerCaseChanged,
    caseCheckChanged,
    shadowRunChanged,
    confirmationChanged,
    toolChanged,
    learningChanged,
    proposalChanged,
    lookThroughChanged,
  ],
  jobs: [
    work(answerConversation, answer),
    work(endLostRuns, giveUpLostRuns),
    work(checkCases, check),
    work(shadowAnswer, answerInShadow),
    work(answerInChat, answerChat),
    work(endLostAnswers, cutLostAnswers),
    work(forgetChat, forgetRemovedChat),
    work(readChatFile, readShownFile),
    work(sweepChatFiles, removeUnsentFiles),
    work(runConfirmed, runNow),
    work(endConfirmations, endOverdue),
    work(learn, learnFromRested),
    work(learnDue, askToLearn),
    work(lookThrough, look),
  ],
  schedules: [
    { job: endLostRuns, cron: '* * * * *', input: {} },
    { job: endLostAnswers, cron: '* * * * *', input: {} },
    { job: sweepChatFiles, cron: '17 * * * *', input: {} },
    { job: endConfirmations, cron: '* * * * *', input: {} },
    { job: learnDue, cron: '*/5 * * * *', input: {} },
  ],
  stored,
  sealed: [
    byId('runs', 'hand_over', handOverPlace),
    byId('answer_cases', 'content', caseContentPlace),
    byId('answer_cases', 'answer', answerPlace),
    byId('shadow_runs', 'changes', changesPlace),
    byId('shadow_answers', 'answer', shadowAnswerPlace),
    byId('chats', 'title', titlePlace),
    byId('chat_messages', 'content', contentPlace),
    byId('chat_messages', 'steps', stepsPlace),
    byId('chat_files', 'name', fileNamePlace),
    byId('chat_files', 'file_key', fileKeyPlace),
    byId('chat_files', 'text', fileTextPlace),
    byId('runs', 'steps', runStepsPlace),
    byId('confirmations', 'input', inputPlace),
    byId('confirmations', 'result', resultPlace),
    byId('http_tools', 'headers', headersPlace),
    byId('tool_servers', 'headers', serverHeadersPlace),
    byId('knowledge_proposals', 'content', proposalPlace),
  ],
  subscriptions: [
    subscribe(messageUnderstood, answerConversation, ({ conversationId, answerable }, tx) =>
      answerable ? { input: { conversationId }, options: whenSilent(tx, conversationId) } : null,
    ),
    // Who is handed a conversation back answers what was left unanswered.
    subscribe(conversationChanged, answerConversation, ({ conversationId, changed }, tx) =>
      changed.includes('owner')
        ? { input: { conversationId }, options: whenSilent(tx, conversationId) }
        : null,
    ),
  ],
};
