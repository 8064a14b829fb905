// What is wrong with this installation, and how to mend it. Looks, and changes nothing.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type CommandHost, defineCommand } from '../command.ts';
import { describeFailure } from '../control-client.ts';
import { type Finding, Findings } from '../doctor/finding.ts';
import { examineDataFolder, examineNode } from '../doctor/installation.ts';
import { examineDoors, examineSecrets } from '../doctor/secrets.ts';
import { explainOpening } from '../host.ts';

export const doctorCommand = defineCommand({
  name: 'doctor',
  description: 'Say what is wrong with this installation, and how to mend it',
  place: 'anywhere',
  input: z.object({}),
  run: async (host) => {
    const findings = await examine(host);
    const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
    return { problems: count('problem'), warnings: count('warning'), findings };
  },
  print: ({ findings, problems, warnings }) =>
    [
      ...findings.map(({ area, level, message, mend }) =>
        [`${signs[level]} ${area}: ${message}`, ...(mend ? [`          → ${mend}`] : [])].join('\n'),
      ),
      '',
      problems + warnings === 0
        ? 'Everything is well.'
        : `${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}.`,
    ].join('\n'),
  failed: ({ problems }) => problems > 0,
});

const signs = { ok: '  ok     ', warning: '  warning', problem: '  PROBLEM' } as const;

async function examine(host: CommandHost): Promise<Finding[]> {
  const { config } = host;
  const findings = [
    ...examineNode(),
    ...(await guarded('data folder', host, () => examineDataFolder(config))),
    ...(await guarded('secrets', host, () => examineSecrets(config))),
    ...(await guarded('doors', host, async () => examineDoors(config))),
    ...(await guarded('onnx models', host, async () =>
      (await import('../doctor/onnx.ts')).examineOnnx(config),
    )),
  ];
  if (host.company === 'nobody' && !(await exists(join(config.PARLEY_DATA, 'database')))) {
    const database = new Findings('database');
    database.ok('There is no database yet; the first start makes it.');
    return [...findings, ...database.list];
  }
  let complete = false;
  const looked = await guarded('database', host, async () => {
    const { examineDatabase, examineSchema } = await import('../doctor/database.ts');
    const database = await host.database();
    const found = await examineDatabase(database);
    const schema = await examineSchema(database);
    complete = schema.complete;
    return [...found, ...schema.findings];
  });
  findings.push(...looked);
  // Opening the app would apply what is missing.
  if (!complete) return findings;
  findings.push(
    ...(await guarded('app', host, async () => {
      const { examineChannels, examineKeys, examinePublicUrl, examineQueue, examineRedis } = await import(
        '../doctor/surroundings.ts'
      );
      const { kernel } = await host.app();
      const keys = await examineKeys(kernel);
      const channels = await guarded('channels', host, async () => {
        const { findings: found, hasRealChannels } = await examineChannels(kernel, host.simulation !== null);
        return [...found, ...(await examinePublicUrl(kernel, hasRealChannels))];
      });
      return [...keys, ...(await examineRedis(kernel)), ...channels, ...(await examineQueue(kernel))];
    })),
  );
  return findings;
}

/** What cannot be looked at is a problem of its own. */
async function guarded(area: string, host: CommandHost, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    const failed = new Findings(area);
    failed.problem(
      describeFailure(explainOpening(error, host.config)).message,
      'Mend this first, then ask again.',
    );
    return failed.list;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
