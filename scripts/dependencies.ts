// Judges the packages that stand in the lock files, and those that are installed, without a network: nothing that is not
// what was locked, no code that runs when it is installed unless it was looked at, no licence that asks for more than a notice.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** As npm writes it: https://docs.npmjs.com/cli/configuring-npm/package-lock-json */
export interface LockFile {
  readonly packages: Readonly<
    Record<
      string,
      {
        readonly version?: string | undefined;
        readonly resolved?: string | undefined;
        readonly integrity?: string | undefined;
        readonly license?: string | undefined;
        readonly link?: boolean | undefined;
        readonly hasInstallScript?: boolean | undefined;
      }
    >
  >;
}

const registry = 'https://registry.npmjs.org/';
const licences = new Set([
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'],
  ...['CC0-1.0', 'Public Domain', 'OFL-1.1', 'CC-BY-3.0', 'MPL-2.0', 'Artistic-2.0', 'Python-2.0'],
  ...['Zlib', 'Unlicense', 'WTFPL', 'Unicode-3.0'],
]);

/** An SPDX expression: one of what `OR` joins is enough, all of what `AND` joins is needed. */
const isAllowedLicence = (expression: string, allowed: ReadonlySet<string>): boolean =>
  expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowed.has(licence)));

/**
 * @param installed what npm wrote down of node_modules; a package for another platform may be missing there
 * @param judged the names of packages whose install scripts were looked at, whether or not they may run
 * @param allowed the licences that they may have
 * @returns a sentence for each that should not be there
 */
export function findProblems(
  lock: LockFile,
  installed: LockFile,
  judged: ReadonlySet<string>,
  allowed: ReadonlySet<string> = licences,
): string[] {
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.link || !path.includes('node_modules/')) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const isFrom = `${name} ${entry.version}`;
    if (!entry.integrity?.startsWith('sha512-')) problems.push(`${isFrom} has no SHA-512 in the lock file.`);
    if (entry.resolved !== undefined && !entry.resolved.startsWith(registry))
      problems.push(`${isFrom} comes from ${entry.resolved}.`);
    if (!isAllowedLicence(entry.license ?? 'none', allowed))
      problems.push(`${isFrom} has the licence ${entry.license}.`);
    if (entry.hasInstallScript && !judged.has(name))
      problems.push(`${isFrom} runs code when it is installed: name it in allowScripts, with true or false.`);
    const present = installed.packages[path];
    if (present && (present.version !== entry.version || present.integrity !== entry.integrity))
      problems.push(`${isFrom} is locked, and ${present.version} is installed: run npm ci.`);
  }
  for (const path of Object.keys(installed.packages))
    if (!lock.packages[path]) problems.push(`${path} is installed, and not in the lock file: run npm ci.`);
  return problems;
}

interface Place {
  readonly folder: string;
  readonly licences: ReadonlySet<string>;
}

/** The folders that have a lock file. */
export const places: readonly Place[] = [
  { folder: '.', licences },
  // Nobody gets these with Parley: who needs them installs them. They bring a library for images along, which is not called,
  // and one that tells encodings.
  { folder: 'server/onnx', licences: licences.union(new Set(['LGPL-3.0-or-later'])) },
  { folder: 'evals/training', licences: licences.union(new Set(['LGPL-2.1+'])) },
];

/** Whether or not it is installed there. @returns a sentence for each package that should not be there, and how many are locked */
export function judgePlace(root: string, place: Place): { problems: string[]; packages: number } {
  const folder = join(root, place.folder);
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const lock: LockFile = read('package-lock.json');
  const hasInstalled = existsSync(join(folder, 'node_modules/.package-lock.json'));
  const installed: LockFile = hasInstalled ? read('node_modules/.package-lock.json') : { packages: {} };
  const judged = new Set(Object.keys(read('package.json').allowScripts ?? {}));
  return {
    problems: findProblems(lock, installed, judged, place.licences),
    packages: Object.keys(lock.packages).length,
  };
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const judgements = places.map((place) => judgePlace(root, place));
  const problems = judgements.flatMap((one) => one.problems);
  const count = judgements.reduce((sum, { packages }) => sum + packages, 0);
  console.log(problems.join('\n') || `${count} packages are what was locked.`);
  if (problems.length > 0) process.exitCode = 1;
}
