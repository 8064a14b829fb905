// Installs what package-lock.json asks for when it is not there, so that `npm start` in a fresh clone is enough.
// Runs before anything is installed, on the Node that started npm (20 or newer): no dependency, no TypeScript.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 20;
const LOCK_POLL_MS = 250;

/**
 * npm hands its settings to the scripts that it runs. These would make a nested `npm ci` install something else
 * than the whole project (`npm start --workspace=…`, `--omit=dev`, `--dry-run`, …).
 */
const MISLEADING_SETTINGS =
  /^npm_config_(dry_run|global|global_style|include|include_workspace_root|install_strategy|json|legacy_bundling|location|omit|only|package_lock|package_lock_only|production|workspace|workspaces)$/i;

/** @param {string} path */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** What an installation was made from; node_modules of another platform (a shared folder) do not count. @param {string} root */
function fingerprint(root) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${lock} ${process.platform} ${process.arch}`;
}

/** @param {string} root */
const stampPath = (root) => join(root, 'node_modules', '.parley-install');

/** @param {string} root */
function writeStamp(root) {
  writeFileSync(stampPath(root), fingerprint(root));
}

/** Whether somebody else's `npm install` brought what the lock file asks for. @param {string} root */
function installedMatchesLock(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages;
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed[path];
    if (!found) return entry.optional === true || entry.devOptional === true || entry.extraneous === true;
    return found.version === entry.version;
  });
}

/** @param {string} root */
function hasOwnNode(root) {
  return ['node', 'node.cmd'].some((name) => existsSync(join(root, 'node_modules', '.bin', name)));
}

/**
 * Why an installation is needed, as the end of a sentence; null when everything is there.
 * @param {string} root the project's folder
 * @returns {string | null}
 */
export function installReason(root) {
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is missing';
  if (!hasOwnNode(root)) return 'the last installation did not finish';
  let stamp = '';
  try {
    stamp = readFileSync(stampPath(root), 'utf8');
  } catch {
    // Installed by hand, or not at all: the lists decide.
  }
  if (stamp === fingerprint(root)) return null;
  if (stamp !== '' && !stamp.endsWith(` ${process.platform} ${process.arch}`)) {
    return 'node_modules was made on another platform';
  }
  if (!installedMatchesLock(root)) return 'package-lock.json has changed';
  writeStamp(root);
  return null;
}

/** @param {string} root */
function runNpmCi(root) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !MISLEADING_SETTINGS.test(name)),
  );
  // Node 24 itself is a development dependency: without them (NODE_ENV=production) nothing would start.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath ?? '';
  // Not the Node below node_modules, which `npm ci` is about to remove.
  const node = process.env.npm_node_execpath ?? process.execPath;
  const byItself = /npm-cli\.js$/.test(npm) && existsSync(npm) && existsSync(node);
  return spawnSync(byItself ? node : 'npm', byItself ? [npm, ...args] : args, {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: !byItself && process.platform === 'win32',
  });
}

/** @param {{ status: number | null, stdout: string, stderr: string, error?: Error }} result */
function explainFailure(result) {
  const output = `${result.stderr ?? ''}\n${result.stdout ?? ''}`.trim();
  const tail = output.split('\n').slice(-25).join('\n');
  if (result.error) return `npm could not be started (${result.error.message}). Is npm on the PATH?`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/.test(output)) {
    return `${tail}\n\nThe package registry could not be reached. The first start needs the network (or a proxy in HTTPS_PROXY, or a registry set with npm config set registry …); later starts do not.`;
  }
  if (/ENOSPC/.test(output)) return `${tail}\n\nThe disk is full: the installation needs about 700 MB.`;
  return `${tail}\n\n"npm ci" failed with exit code ${result.status}; its own words are above.`;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Two commands started at once in a fresh clone must not both install: the second waits for the first.
 * @param {string} root @param {() => number} work
 */
function withLock(root, work) {
  const lock = join(
    tmpdir(),
    `parley-install-${createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16)}`,
  );
  const owner = join(lock, 'pid');
  let told = false;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    let pid = 0;
    let ageMs = 0;
    try {
      ageMs = Date.now() - statSync(lock).mtimeMs;
      pid = Number(readFileSync(owner, 'utf8'));
    } catch {
      // Between its two steps, or just released.
    }
    if (pid > 0 ? !isAlive(pid) : ageMs > 5_000) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (!told) console.log('parley: another command is installing the packages; waiting for it.');
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
  }
  try {
    writeFileSync(owner, String(process.pid));
    return work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** @param {string} root @returns {number} the exit code */
function install(root) {
  const reason = installReason(root);
  if (reason === null) return 0;
  const startedAt = Date.now();
  console.log(`parley: ${reason}; installing with "npm ci" (half a minute to a few minutes) …`);
  const result = runNpmCi(root);
  if (result.error || result.status !== 0) {
    console.error(`\nparley: the packages could not be installed.\n\n${explainFailure(result)}`);
    return 1;
  }
  if (!hasOwnNode(root)) {
    console.error(
      'parley: npm installed the packages without their install scripts, and Node 24 comes by one.\n' +
        'Allow it once with: npm rebuild node --ignore-scripts=false',
    );
    return 1;
  }
  writeStamp(root);
  console.log(`parley: installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  return 0;
}

/** @param {string} root @returns {number} the exit code */
export function bootstrap(root) {
  if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
    console.error(
      `parley: Node ${NODE_MAJOR_MIN} or newer is needed to install Parley; this is ${process.version}.`,
    );
    return 1;
  }
  return installReason(root) === null ? 0 : withLock(root, () => install(root));
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(script)) {
  process.exitCode = bootstrap(resolve(dirname(script), '..'));
}
