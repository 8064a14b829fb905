// Who may import whom, as data: the rules of docs/architecture.md, each with the reason that the person who
// broke it reads. Paths are relative to the project's root; `$1` is the first group of the `from` path.
import type { IForbiddenRuleType } from 'dependency-cruiser';

/** The modules, lower floors first: a module imports only those that stand before it. */
export const MODULE_ORDER = [
  'tenancy',
  'channels',
  'conversations',
  'understanding',
  'knowledge',
  'inference',
  'assistant',
  'tasks',
  'commerce',
  'integrations',
  'automations',
  'notifications',
  'billing',
  'analytics',
  'privacy',
  'phone',
] as const;

const MODULES = '^server/src/modules/';
const ANY_MODULE = `${MODULES}([^/]+)/`;

/** Test files, the harness and the stories look at everything; nothing that ships imports them. */
const TESTS_AND_STORIES = ['[.]test[.]tsx?$', '^(server|web)/(test|dev)/'];
const TESTS = ['[.]test[.]tsx?$', '^(server|web)/test/'];

/** Joins modules and providers into a running system. */
const COMPOSITION = '^server/src/((app|main|demo|supervisor|watchdog)[.]ts$|cli/)';

/** Interfaces that providers implement and modules own. */
const PORTS = [`${MODULES}channels/adapter[.]ts$`, `${MODULES}conversations/directory[.]ts$`];

/** The files of a module that other modules may see: the one named like its folder, and its tables for joins. */
const DOORS = MODULE_ORDER.map((name) => `${MODULES}${name}/(${name}|tables)[.]ts$`);
const MODULE_LISTS = `${MODULES}[^/]+/module[.]ts$`;

const PROJECT = '^(bench|contract|evals|mobile|scripts|server|web)/';

type Rule = IForbiddenRuleType & { readonly name: string; readonly comment: string };

const upwardRules: Rule[] = MODULE_ORDER.slice(0, -1).map((name, index) => ({
  name: `5-${name}-imports-only-lower-floors`,
  severity: 'error',
  comment:
    'The subscriber imports the publisher: a module imports only those before it in MODULE_ORDER, and news travels upward as events. Subscribe in the upper module, or move what both need down.',
  from: { path: `${MODULES}${name}/`, pathNot: TESTS },
  to: { path: `${MODULES}(${MODULE_ORDER.slice(index + 1).join('|')})/` },
}));

export const IMPORT_RULES: readonly Rule[] = [
  {
    name: '1-contract-imports-zod-only',
    severity: 'error',
    comment:
      'The contract is what crosses the wire and is read by server, web and mobile alike: it imports zod and its own files only.',
    from: { path: '^contract/', pathNot: TESTS },
    to: { pathNot: ['^contract/', '(^|/)node_modules/zod/'] },
  },
  {
    name: '1-web-imports-contract-only',
    severity: 'error',
    comment:
      'Web and mobile meet the server on the wire: of this project they import contract and themselves, nothing else.',
    from: { path: '^(web|mobile)/', pathNot: TESTS_AND_STORIES },
    to: { path: PROJECT, pathNot: ['^contract/', '^$1/'] },
  },
  {
    name: '1-web-app-features-ui-and-lib',
    severity: 'error',
    comment:
      'Inside web the arrows run app → features → ui and lib: what is general does not know what is particular.',
    from: { path: '^web/src/(ui|lib)/', pathNot: TESTS },
    to: { path: '^web/src/(app|features)/' },
  },
  {
    name: '1-web-features-know-no-app',
    severity: 'error',
    comment:
      'Inside web the arrows run app → features → ui and lib: the shell knows its features, not the other way round.',
    from: { path: '^web/src/features/', pathNot: TESTS },
    to: { path: '^web/src/app/' },
  },
  {
    name: '2-core-imports-no-module',
    severity: 'error',
    comment:
      'Core knows no business word: it imports no module, no provider and nothing that composes them. Hand it in as an argument, or move the word up.',
    from: { path: '^server/src/core/', pathNot: TESTS },
    to: { path: PROJECT, pathNot: ['^server/src/(core|learning)/', '^contract/'] },
  },
  {
    name: '2-learning-is-pure',
    severity: 'error',
    comment: 'Learning is numbers in, numbers out: it imports no other part of the project.',
    from: { path: '^server/src/learning/', pathNot: TESTS },
    to: { path: PROJECT, pathNot: '^server/src/learning/' },
  },
  {
    name: '2-learning-does-no-io',
    severity: 'error',
    comment: 'Learning is numbers in, numbers out, without I/O: whoever calls it reads and writes.',
    from: { path: '^server/src/learning/', pathNot: TESTS },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: '3-modules-meet-at-the-door',
    severity: 'error',
    comment:
      'A module imports another only by its door (modules/tasks/tasks.ts), by tables.ts for joins, or by the interface that providers implement: the rest may change without asking.',
    from: { path: ANY_MODULE, pathNot: TESTS },
    to: { path: MODULES, pathNot: [`${MODULES}$1/`, ...DOORS, ...PORTS] },
  },
  {
    name: '3-modules-know-no-composition',
    severity: 'error',
    comment:
      'A module imports core, learning, contract and lower modules: app.ts, main.ts and the command line know it, not the other way round.',
    from: { path: [MODULES, '^server/src/providers/'], pathNot: TESTS },
    to: { path: COMPOSITION },
  },
  {
    name: '3-composition-enters-by-the-door',
    severity: 'error',
    comment:
      'app.ts, main.ts, demo.ts and cli/ join modules by module.ts, the door or tables.ts, and look no deeper.',
    from: { path: COMPOSITION, pathNot: TESTS },
    to: { path: MODULES, pathNot: [MODULE_LISTS, ...DOORS, ...PORTS] },
  },
  {
    name: '3-no-cycles',
    severity: 'error',
    comment:
      'Files that need each other to run are one thing in two places, and which of them runs first is chance: move what both need into a third. (import type does not count.)',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: '3-no-barrels',
    severity: 'error',
    comment: 'No barrels: import the file that has it, so that a reader and a tool see what depends on what.',
    from: {},
    to: { path: '(^|/)index[.]tsx?$', pathNot: 'node_modules/' },
  },
  {
    name: '4-providers-import-core-and-their-interface',
    severity: 'error',
    comment:
      'A provider translates between Parley and one company: it imports core and the one interface that it implements, no other module, provider or contract.',
    from: { path: '^server/src/providers/([^/]+)/', pathNot: TESTS },
    to: { path: PROJECT, pathNot: ['^server/src/providers/$1/', '^server/src/core/', ...PORTS] },
  },
  {
    name: '4-modules-import-no-provider',
    severity: 'error',
    comment: 'Modules never import a provider: they ask the interface, and app.ts joins them.',
    from: { path: MODULES, pathNot: TESTS },
    to: { path: '^server/src/providers/' },
  },
  ...upwardRules,
  {
    name: '6-nothing-imports-test-or-dev',
    severity: 'error',
    comment:
      'Nothing that ships imports test/, dev/ or a test file: move what is needed to where it belongs.',
    from: { pathNot: TESTS_AND_STORIES },
    to: { path: ['^(server|web)/(test|dev)/', '[.]test[.]tsx?$'] },
  },
  {
    name: 'every-import-resolves',
    severity: 'error',
    comment: 'This import leads nowhere, so no rule can judge it: mend the path, or install the package.',
    from: {},
    to: { couldNotResolve: true },
  },
];
