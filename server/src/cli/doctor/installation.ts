// What the doctor looks at on this machine: Node, the data folder, the secret, the disk.
import { access, constants, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../core/config.ts';
import { type Finding, Findings } from './finding.ts';

const nodeMajorMin = 24;
const diskWarningBytes = 1024 ** 3;
const diskProblemBytes = 200 * 1024 ** 2;

export function examineNode(version = process.versions.node): Finding[] {
  const findings = new Findings('node');
  const major = Number(version.split('.')[0]);
  if (major >= nodeMajorMin) findings.ok(`Node ${version}.`);
  else {
    findings.problem(
      `Node ${version} is too old: Parley runs on Node ${nodeMajorMin}.`,
      'Start it by "npm start", which brings the right Node along.',
    );
  }
  return findings.list;
}

export async function examineDataFolder(config: Config): Promise<Finding[]> {
  const findings = new Findings('data folder');
  const folder = config.PARLEY_DATA;
  const found = await stat(folder).catch(() => null);
  if (!found) {
    findings.ok(`${folder} does not exist yet; the first start makes it.`);
    return findings.list;
  }
  const writable = found.isDirectory() && (await access(folder, constants.W_OK).then(yes, no));
  if (writable) findings.ok(`${folder} can be written to.`);
  else {
    findings.problem(
      found.isDirectory() ? `${folder} cannot be written to.` : `${folder} is no folder.`,
      'Give the folder to the user that Parley runs as, or choose another one with PARLEY_DATA.',
    );
  }
  if (process.platform !== 'win32' && !config.DATABASE_URL && (found.mode & 0o007) !== 0) {
    findings.warning(
      `Every user of this machine can look into ${folder} (mode ${(found.mode & 0o777).toString(8)}).`,
      `Telephone numbers stand in its database: chmod 700 ${folder}`,
    );
  }
  await examineSecretFile(config, findings);
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const free = `${(freeBytes / 1024 ** 3).toFixed(1)} GB`;
  if (freeBytes > diskWarningBytes) findings.ok(`${free} of disk are free.`);
  else if (freeBytes > diskProblemBytes) {
    findings.warning(`Only ${free} of disk are free.`, 'Make room, or move PARLEY_DATA to a larger disk.');
  } else {
    findings.problem(
      `The disk is full: ${free} are free.`,
      'Make room, or move PARLEY_DATA to a larger disk.',
    );
  }
  return findings.list;
}

async function examineSecretFile(config: Config, findings: Findings): Promise<void> {
  const file = join(config.PARLEY_DATA, 'secret');
  const found = await stat(file).catch(() => null);
  if (config.PARLEY_SECRET) {
    findings.ok('The secret comes from PARLEY_SECRET.');
    return;
  }
  if (!found) {
    const used = await stat(join(config.PARLEY_DATA, 'database')).then(yes, no);
    if (used) {
      findings.problem(
        `${file} is missing, and there is data that was encrypted with it.`,
        'Put the file back from a backup. Without it the content cannot be read.',
      );
    } else findings.ok('There is no secret yet; the first start makes it.');
    return;
  }
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    findings.problem(
      `${file} can be read by others (mode ${(found.mode & 0o777).toString(8)}).`,
      `Take it away from them: chmod 600 ${file}`,
    );
  } else findings.ok(`The secret is kept in ${file}, readable by its owner only. Back it up.`);
}

const yes = () => true;
const no = () => false;
