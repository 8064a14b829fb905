// New data keys for every workspace, and everything sealed anew with them.
import { z } from 'zod';
import type { RotationReport } from '../../core/rotation.ts';
import { defineCommand } from '../command.ts';

export const rotateKeysCommand = defineCommand({
  name: 'rotate-keys',
  description:
    'Wrap the data keys with the present secret, make new ones and seal everything anew. May be stopped and run again',
  place: 'anywhere',
  input: z.object({
    batch: z.coerce.number().int().min(1).max(1000).default(100).describe('values in one transaction'),
  }),
  run: async (host, { batch }, progress): Promise<RotationReport> => {
    const [{ modules }, { rotateKeys, rotationWaits }, { tellKeysRotated }] = await Promise.all([
      import('../../app.ts'),
      import('../../core/rotation.ts'),
      import('../../modules/tenancy/tenancy.ts'),
    ]);
    const { kernel } = await host.app();
    const columns = modules.flatMap((module) => module.sealed ?? []);
    const installation = modules.flatMap((module) => module.sealedByInstallation ?? []);
    const report = await rotateKeys(kernel, columns, {
      installation,
      ...rotationWaits[host.company],
      batchSize: batch,
      signal: host.signal,
      progress,
    });
    await tellKeysRotated(kernel, report.finished);
    return report;
  },
  print: (report) =>
    [
      report.finished
        ? `${report.workspaces} workspace${report.workspaces === 1 ? ' has' : 's have'} a new key. ${report.resealed} values were sealed anew; the older keys are destroyed${report.unreadable > 0 ? ' where nothing uses them' : ''}.`
        : `Stopped after ${report.resealed} values. Run it again to go on.`,
      ...(report.unreadable > 0
        ? [`${report.unreadable} values cannot be opened with any key. They were left as they are.`]
        : []),
      ...(report.rewrapped > 0 ? ['PARLEY_PREVIOUS_SECRET is not needed any more.'] : []),
    ].join('\n'),
  failed: (report) => !report.finished || report.unreadable > 0,
});
