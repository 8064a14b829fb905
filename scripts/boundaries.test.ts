import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type BrokenRule, checkBoundaries } from './boundaries.ts';
import { IMPORT_RULES } from './import-rules.ts';

type Tree = Readonly<Record<string, string>>;

/** A small project in which every import that the rules allow is made once. */
const LAWFUL: Tree = {
  'contract/src/sms.ts': "import { z } from 'zod';\nexport const sms = z;\n",
  'server/src/core/clock.ts':
    "import { readFileSync } from 'node:fs';\nimport { sms } from '@parley/contract/sms';\nexport const clock = [readFileSync, sms];\n",
  'server/src/learning/counts.ts': 'export const counts = 1;\n',
  'server/src/learning/classifier.ts':
    "import { counts } from './counts.ts';\nexport const classifier = counts;\n",
  'server/src/modules/channels/adapter.ts': 'export interface ChannelAdapter { readonly provider: string }\n',
  'server/src/modules/channels/tables.ts': 'export const deliveries = {};\n',
  'server/src/modules/channels/signature.ts': 'export const signature = 1;\n',
  'server/src/modules/channels/channels.ts':
    "import { clock } from '../../core/clock.ts';\nimport { signature } from './signature.ts';\nimport { deliveries } from './tables.ts';\nexport const channels = (tx) => [clock, signature, tx.insert(deliveries)];\n",
  'server/src/modules/conversations/directory.ts':
    'export interface ContactDirectory { readonly name: string }\n',
  'server/src/modules/conversations/conversations.ts':
    "import type { ChannelAdapter } from '../channels/adapter.ts';\nimport { channels } from '../channels/channels.ts';\nimport { deliveries } from '../channels/tables.ts';\nexport const conversations = (tx: any, adapter: ChannelAdapter) => [channels, adapter, tx.select().from(deliveries)];\n",
  'server/src/modules/conversations/conversations.test.ts':
    "import { harness } from '../../../test/harness.ts';\nimport { signature } from '../channels/signature.ts';\nexport const used = [harness, signature];\n",
  'server/src/modules/conversations/module.ts':
    "import { conversations } from './conversations.ts';\nexport const conversationsModule = conversations;\n",
  'server/src/providers/twilio/twilio.ts':
    "import { clock } from '../../core/clock.ts';\nimport type { ChannelAdapter } from '../../modules/channels/adapter.ts';\nexport const twilio = (adapter: ChannelAdapter) => [adapter, clock];\n",
  'server/src/providers/monitor/monitor.ts':
    "import type { ContactDirectory } from '../../modules/conversations/directory.ts';\nexport const monitor = (directory: ContactDirectory) => directory;\n",
  'server/src/app.ts':
    "import { conversationsModule } from './modules/conversations/module.ts';\nimport { channels } from './modules/channels/channels.ts';\nimport { twilio } from './providers/twilio/twilio.ts';\nexport const app = [conversationsModule, channels, twilio];\n",
  'server/test/harness.ts': "import { app } from '../src/app.ts';\nexport const harness = app;\n",
  'server/dev/stories.ts': "import { app } from '../src/app.ts';\nexport const stories = app;\n",
  'web/src/lib/api.ts': "import { sms } from '@parley/contract/sms';\nexport const api = sms;\n",
  'web/src/features/inbox.ts': "import { api } from '../lib/api.ts';\nexport const inbox = api;\n",
  'web/src/app/router.ts': "import { inbox } from '../features/inbox.ts';\nexport const router = inbox;\n",
};

/** `@parley/contract` and zod as npm would have laid them out. */
const PACKAGES: Tree = {
  'contract/package.json':
    '{ "name": "@parley/contract", "type": "module", "exports": { "./*": "./src/*.ts" } }\n',
  'node_modules/zod/package.json': '{ "name": "zod", "type": "module", "exports": "./index.js" }\n',
  'node_modules/zod/index.js': 'export const z = 1;\n',
};

const folders: string[] = [];

async function plant(planted: Tree): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'parley-boundaries-'));
  folders.push(root);
  for (const [path, text] of Object.entries({ ...PACKAGES, ...LAWFUL, ...planted })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  await mkdir(join(root, 'node_modules/@parley'));
  await symlink('../../contract', join(root, 'node_modules/@parley/contract'));
  return root;
}

async function brokenRules(planted: Tree): Promise<readonly BrokenRule[]> {
  return (await checkBoundaries(await plant(planted))).broken;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** One violation: its rule, the file that is planted, what it imports, and the words by which its reason is known. */
const VIOLATIONS: readonly (readonly [rule: string, file: string, text: string, reason: string])[] = [
  [
    '1-contract-imports-zod-only',
    'contract/src/planted.ts',
    "import { join } from 'node:path';\nexport const planted = join;\n",
    'what crosses the wire',
  ],
  [
    '1-web-imports-contract-only',
    'web/src/lib/planted.ts',
    "import { clock } from '../../../server/src/core/clock.ts';\nexport const planted = clock;\n",
    'meet the server on the wire',
  ],
  [
    '1-web-app-features-ui-and-lib',
    'web/src/ui/planted.ts',
    "import { inbox } from '../features/inbox.ts';\nexport const planted = inbox;\n",
    'app → features → ui and lib',
  ],
  [
    '1-web-features-know-no-app',
    'web/src/features/planted.ts',
    "import { router } from '../app/router.ts';\nexport const planted = router;\n",
    'the shell knows its features',
  ],
  [
    '2-core-imports-no-module',
    'server/src/core/planted.ts',
    "import type { ChannelAdapter } from '../modules/channels/adapter.ts';\nexport type Planted = ChannelAdapter;\n",
    'Core knows no business word',
  ],
  [
    '2-learning-is-pure',
    'server/src/learning/planted.ts',
    "import { clock } from '../core/clock.ts';\nexport const planted = clock;\n",
    'numbers in, numbers out',
  ],
  [
    '2-learning-does-no-io',
    'server/src/learning/planted.ts',
    "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;\n",
    'without I/O',
  ],
  [
    '3-modules-meet-at-the-door',
    'server/src/modules/conversations/planted.ts',
    "import { signature } from '../channels/signature.ts';\nexport const planted = signature;\n",
    'only by its door',
  ],
  [
    '3-modules-know-no-composition',
    'server/src/modules/conversations/planted.ts',
    "export const planted = () => import('../../app.ts');\n",
    'not the other way round',
  ],
  [
    '3-composition-enters-by-the-door',
    'server/src/cli/planted.ts',
    "import { signature } from '../modules/channels/signature.ts';\nexport const planted = signature;\n",
    'look no deeper',
  ],
  [
    '3-no-cycles',
    'server/src/learning/counts.ts',
    "import { classifier } from './classifier.ts';\nexport const counts = () => classifier;\n",
    'need each other to run',
  ],
  [
    '3-no-barrels',
    'server/src/modules/conversations/module.ts',
    "import { conversations } from './index.ts';\nexport const conversationsModule = conversations;\n",
    'No barrels',
  ],
  [
    '3-only-the-owner-writes-its-tables',
    'server/src/modules/conversations/planted.ts',
    "import * as tables from '../channels/tables.ts';\nexport const planted = (tx) => tx.update(tables.deliveries);\n",
    'Only channels writes its tables',
  ],
  [
    '4-providers-import-core-and-their-interface',
    'server/src/providers/twilio/planted.ts',
    "import { channels } from '../../modules/channels/channels.ts';\nexport const planted = channels;\n",
    'the one interface that it implements',
  ],
  [
    '4-providers-import-core-and-their-interface',
    'server/src/providers/twilio/planted.ts',
    "import { monitor } from '../monitor/monitor.ts';\nexport const planted = monitor;\n",
    'the one interface that it implements',
  ],
  [
    '4-modules-import-no-provider',
    'server/src/modules/conversations/planted.ts',
    "import { twilio } from '../../providers/twilio/twilio.ts';\nexport const planted = twilio;\n",
    'Modules never import a provider',
  ],
  [
    '5-channels-imports-only-lower-floors',
    'server/src/modules/channels/planted.ts',
    "import { conversations } from '../conversations/conversations.ts';\nexport const planted = conversations;\n",
    'The subscriber imports the publisher',
  ],
  [
    '6-nothing-imports-test-or-dev',
    'server/src/cli/planted.ts',
    "import { stories } from '../../dev/stories.ts';\nexport const planted = stories;\n",
    'Nothing that ships',
  ],
  [
    '6-nothing-imports-test-or-dev',
    'server/src/modules/conversations/planted.ts',
    "import { used } from './conversations.test.ts';\nexport const planted = used;\n",
    'Nothing that ships',
  ],
  [
    'every-import-resolves',
    'server/src/core/planted.ts',
    "import { gone } from './gone.ts';\nexport const planted = gone;\n",
    'leads nowhere',
  ],
];

describe('the import rules', () => {
  test('let every lawful import pass', async () => {
    const { broken, fileCount, importCount } = await checkBoundaries(await plant({}));
    expect(broken).toEqual([]);
    expect(fileCount).toBe(Object.keys(LAWFUL).length);
    expect(importCount).toBeGreaterThan(20);
  });

  test.each(VIOLATIONS)('%s is caught in %s and says why', async (rule, file, text, reason) => {
    const barrel = { 'server/src/modules/conversations/index.ts': "export * from './conversations.ts';\n" };
    const broken = await brokenRules({ ...(rule === '3-no-barrels' ? barrel : {}), [file]: text });
    const caught = broken.filter((violation) => violation.rule === rule);
    expect(caught).not.toEqual([]);
    expect(caught.map(({ from, to }) => `${from} ${to}`).join('\n')).toContain(file);
    expect(caught[0]?.reason).toContain(reason);
  });

  test('have a planted violation each, the floors sharing one', () => {
    const planted = new Set(VIOLATIONS.map(([rule]) => rule));
    const unproven = IMPORT_RULES.map((rule) => rule.name).filter(
      (name) => !planted.has(name) && !name.startsWith('5-'),
    );
    expect(unproven).toEqual([]);
  });

  test('do not count a cycle that only types close', async () => {
    const broken = await brokenRules({
      'server/src/learning/counts.ts':
        "import type { classifier } from './classifier.ts';\nexport const counts: typeof classifier | 1 = 1;\n",
    });
    expect(broken).toEqual([]);
  });

  test('fail when the tool did not see the imports of a file', async () => {
    const broken = await brokenRules({
      'server/src/core/planted.ts': 'export const planted = `\nimport unseen\n`;\n',
    });
    expect(broken.map(({ rule, from }) => `${rule} ${from}`)).toEqual([
      'every-file-is-seen server/src/core/planted.ts',
    ]);
  });

  test('refuse a module that nobody gave a floor, and a file that no rule speaks of', async () => {
    const broken = await brokenRules({
      'server/src/modules/surprises/surprises.ts': 'export const surprises = 1;\n',
      'server/src/helpers/strings.ts': 'export const strings = 1;\n',
    });
    expect(broken.map(({ rule, from }) => `${rule} ${from}`)).toEqual([
      '3-every-module-has-a-floor server/src/modules/surprises/',
      'every-file-has-a-place server/src/helpers/strings.ts',
    ]);
  });
});
