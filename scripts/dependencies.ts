// Judges the packages that stand in package-lock.json, and those that are installed, without a network: nothing that is not
// what was locked, no code that runs when it is installed unless it was looked at, no licence that asks for more than a notice.
import { readFileSync } from 'node:fs';
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
  ...['Zlib', 'Unlicense', 'WTFPL'],
]);

/** An SPDX expression: one of what `OR` joins is enough, all of what `AND` joins is needed. */
const isAllowedLicence = (expression: string): boolean =>
  expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => licences.has(licence)));

/**
 * @param installed what npm wrote down of node_modules; a package for another platform may be missing there
 * @param judged the names of packages whose install scripts were looked at, whether or not they may run
 * @returns a sentence for each that should not be there
 */
export function findProblems(lock: LockFile, installed: LockFile, judged: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.link || !path.includes('node_modules/')) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const isFrom = `${name} ${entry.version}`;
    if (!entry.integrity?.startsWith('sha512-')) problems.push(`${isFrom} has no SHA-512 in the lock file.`);
    if (entry.resolved !== undefined && !entry.resolved.startsWith(registry))
      problems.push(`${isFrom} comes from ${entry.resolved}.`);
    if (!isAllowedLicence(entry.license ?? 'none'))
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

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
  const lock: LockFile = read('package-lock.json');
  const installed: LockFile = read('node_modules/.package-lock.json');
  const judged = new Set(Object.keys(read('package.json').allowScripts));
  const problems = findProblems(lock, installed, judged);
  console.log(
    problems.join('\n') || `${Object.keys(installed.packages).length} packages are what was locked.`,
  );
  if (problems.length > 0) process.exitCode = 1;
}
