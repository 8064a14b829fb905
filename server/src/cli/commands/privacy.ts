// Data and privacy for the operator: retention now, and a search through everything.
import { z } from 'zod';
import { defineCommand, table } from '../command.ts';

const workspace = z
  .string()
  .optional()
  .describe('the workspace, by id or name; needed where there are several');

export const privacyRetentionCommand = defineCommand({
  name: 'privacy run-retention',
  description: 'Delete what is older than a workspace’s rules now, and say what went',
  place: 'anywhere',
  input: z.object({ workspace }),
  run: async (host, input, progress) => {
    const [{ contextOf }, privacy] = await Promise.all([
      import('../workspaces.ts'),
      import('../../modules/privacy/privacy.ts'),
    ]);
    const ctx = await contextOf(await host.app(), input.workspace);
    const { run, isNew } = await privacy.beginRetention(ctx, 'command');
    if (!isNew) progress(`A run of ${run.startedAt} is not at its end yet: going on with it.`);
    const runId = run.id;
    await privacy.runRetention(ctx, { runId }, { signal: host.signal, isLastAttempt: true });
    return privacy.readRetentionRun(ctx, runId);
  },
  print: ({ results, state }) =>
    results.length === 0
      ? 'This workspace keeps everything: it has no rules.'
      : `${table(
          ['what', 'kept for', 'rows', 'files', 'from', 'to', ''],
          results.map((result) => [
            result.kind,
            `${result.days} ${result.days === 1 ? 'day' : 'days'}`,
            String(result.rows),
            String(result.files),
            result.oldest?.slice(0, 10) ?? '',
            result.newest?.slice(0, 10) ?? '',
            result.state,
          ]),
        )}\n${state}`,
  failed: ({ state }) => state === 'failed',
});

export const privacySearchCommand = defineCommand({
  name: 'privacy search',
  description:
    'Search every table and file of a workspace for a text, sealed or not, and say where it stands',
  place: 'anywhere',
  input: z.object({
    workspace,
    text: z
      .string()
      .trim()
      .min(3, 'three characters at least, or it is found everywhere')
      .describe('what to look for, as it is written: three characters at least'),
  }),
  positional: 'text',
  run: async (host, { workspace: named, text }) => {
    const [{ contextOf }, privacy] = await Promise.all([
      import('../workspaces.ts'),
      import('../../modules/privacy/privacy.ts'),
    ]);
    const ctx = await contextOf(await host.app(), named);
    const report = await privacy.searchForOperator(ctx, text, host.signal);
    // The text itself is not said again: what is printed may be kept.
    return { looked: `${text.slice(0, 2)}…`, ...report };
  },
  print: ({ looked, tables, rows, files, unreadable, found }) =>
    [
      `Searched ${tables} tables (${rows} rows) and ${files} files for ${looked}: found ${found.length === 0 ? 'nothing' : 'it'}.`,
      ...(unreadable > 0 ? [`${unreadable} sealed values could not be opened.`] : []),
      ...(found.length > 0
        ? [
            table(
              ['where', 'rows'],
              found.map(({ place, rows: at }) => [place, String(at)]),
            ),
          ]
        : []),
    ].join('\n'),
});
