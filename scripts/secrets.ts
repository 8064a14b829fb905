// Looks for secrets in what git keeps: keys, tokens, passwords in addresses, as secretlint knows them.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** What one process of the tool reads: it takes the square of them. */
const filesAtOnce = 200;

/** @returns what it says of the secrets in these files, empty where there are none. @throws where it could not look */
export function findSecrets(files: readonly string[]): string {
  let found = '';
  for (let first = 0; first < files.length; first += filesAtOnce) {
    const some = files.slice(first, first + filesAtOnce);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/secretlint/bin/secretlint.js'), '--no-color', '--maskSecrets', ...some],
      { cwd: root, encoding: 'utf8' },
    );
    if (status === 1) found += stdout;
    else if (status !== 0) throw new Error(`secretlint ended with ${status}: ${stderr}`);
  }
  return found;
}

if (import.meta.main && !existsSync(join(root, '.git'))) {
  console.log('No secrets were looked for: this is no git checkout.');
} else if (import.meta.main) {
  // Also where the checkout is somebody else's, as in a container.
  const files = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)));
  const found = findSecrets(files);
  console.log(found || `No secrets in ${files.length} files.`);
  if (found) process.exitCode = 1;
}
