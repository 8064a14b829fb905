// Judges every import of the project by scripts/import-rules.ts, and every write by scripts/table-owners.ts.
// Fails as well when it saw less than stands on disk: a check that looks at nothing must not pass.
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';
import { IMPORT_RULES, MODULE_ORDER } from './import-rules.ts';
import { findForeignWrites } from './table-owners.ts';

// dependency-cruiser parses with the compiler API, which TypeScript 7 does not have: it gets TypeScript 6 instead.
// The hook stays, since the tool loads parts of itself late.
registerHooks({
  resolve(specifier, context, nextResolve) {
    const fromTool = context.parentURL?.includes('/node_modules/dependency-cruiser/') ?? false;
    const wanted = fromTool && /^typescript($|\/)/.test(specifier);
    return nextResolve(wanted ? specifier.replace('typescript', 'typescript-for-tools') : specifier, context);
  },
});
const { cruise } = await import('dependency-cruiser');

const ROOTS = ['contract', 'server', 'web', 'mobile', 'bench', 'evals', 'scripts'];
const SOURCE_FILES = '**/*.{ts,tsx}';

/** The places below server/src that the rules speak of; a file elsewhere would be judged by nobody. */
const SERVER_PLACES =
  /^server\/src\/((core|learning|modules|providers|cli)\/|(app|main|demo|supervisor|watchdog)(\.test)?\.ts$)/;

export interface BrokenRule {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export interface Boundaries {
  readonly fileCount: number;
  readonly importCount: number;
  readonly broken: readonly BrokenRule[];
}

function listSources(root: string): string[] {
  return ROOTS.filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      globSync(`${folder}/${SOURCE_FILES}`, { cwd: root, exclude: ['**/node_modules/**'] }),
    )
    .map((path) => path.split(sep).join('/'))
    .sort();
}

/** Files that nobody looked into although they stand on disk. */
function findUnseen(root: string, sources: readonly string[], seen: ICruiseResult): BrokenRule[] {
  const dependencyCounts = new Map(seen.modules.map((module) => [module.source, module.dependencies.length]));
  return sources
    .filter((path) => {
      const count = dependencyCounts.get(path);
      return (
        count === undefined || (count === 0 && /^import\s/m.test(readFileSync(join(root, path), 'utf8')))
      );
    })
    .map((path) => ({
      rule: 'every-file-is-seen',
      from: path,
      to: '',
      reason:
        'The tool did not see this file or its imports, so its verdict is worth nothing: mend scripts/boundaries.ts.',
    }));
}

/** Modules and files that no rule speaks of. */
function findUnplaced(root: string, sources: readonly string[]): BrokenRule[] {
  const folder = join(root, 'server/src/modules');
  const modules = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const unordered = modules
    .filter((entry) => entry.isDirectory() && !(MODULE_ORDER as readonly string[]).includes(entry.name))
    .map((entry) => ({
      rule: '3-every-module-has-a-floor',
      from: `server/src/modules/${entry.name}/`,
      to: '',
      reason:
        'This module is not in MODULE_ORDER of scripts/import-rules.ts: say above which modules it stands.',
    }));
  const unplaced = sources
    .filter((path) => path.startsWith('server/src/') && !SERVER_PLACES.test(path))
    .map((path) => ({
      rule: 'every-file-has-a-place',
      from: path,
      to: '',
      reason: 'The import rules know no such place: move it to core, learning, modules, providers or cli.',
    }));
  return [...unordered, ...unplaced];
}

/**
 * Checks the project below `root`.
 * @throws when dependency-cruiser itself fails
 */
export async function checkBoundaries(root: string): Promise<Boundaries> {
  const sources = listSources(root);
  const { output } = await cruise(
    sources,
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...IMPORT_RULES] as IForbiddenRuleType[] },
      doNotFollow: { path: 'node_modules' },
      // Also what type stripping removes: an `import type` binds two files as much as any other.
      tsPreCompilationDeps: 'specify',
    },
    {
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  );
  if (typeof output === 'string') throw new Error(`dependency-cruiser answered with text: ${output}`);
  const reasons = new Map(IMPORT_RULES.map((rule) => [rule.name, rule.comment]));
  const forbidden = output.summary.violations.map(({ rule, from, to, cycle }) => ({
    rule: rule.name,
    from,
    to: cycle ? cycle.map((step) => step.name).join(' → ') : to,
    reason: reasons.get(rule.name) ?? '',
  }));
  return {
    fileCount: sources.length,
    importCount: output.modules.reduce((sum, module) => sum + module.dependencies.length, 0),
    broken: [
      ...findUnseen(root, sources, output),
      ...findUnplaced(root, sources),
      ...forbidden,
      ...findForeignWrites(root, sources),
    ],
  };
}

async function main(): Promise<number> {
  const { fileCount, importCount, broken } = await checkBoundaries(resolve(import.meta.dirname, '..'));
  for (const { rule, from, to, reason } of broken) {
    console.log(`${rule}\n  ${from}${to === '' ? '' : ` → ${to}`}\n  ${reason}\n`);
  }
  console.log(`boundaries: ${fileCount} files, ${importCount} imports, ${broken.length} broken rules`);
  return broken.length === 0 ? 0 : 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exitCode = await main();
