// Builds the web app into web/dist when what it is made of has changed, so that `npm start` is enough.
// May be started by an older Node right after the installation: no dependency, no TypeScript. Vite itself runs on the
// Node of node_modules.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the built files are made of. */
const SOURCES = [
  'contract/src',
  'package-lock.json',
  'web/build',
  'web/index.html',
  'web/package.json',
  'web/public',
  'web/src',
  'web/vite.config.ts',
];

/** A changed test is no reason to build. */
const IGNORED = /\.test\.tsx?$/;

/** @param {string} root @param {string} path @returns {string[]} */
function listFiles(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (statSync(full).isFile()) return [path];
  return readdirSync(full, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => statSync(join(root, name)).isFile());
}

/** @param {string} root the project's folder */
function fingerprint(root) {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((path) => listFiles(root, path)).filter((path) => !IGNORED.test(path));
  for (const path of files.sort()) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

/** @param {string} root */
const stampPath = (root) => join(root, 'web', 'dist', '.built');

/** @param {string} root */
function isBuilt(root) {
  try {
    return readFileSync(stampPath(root), 'utf8') === fingerprint(root);
  } catch {
    return false;
  }
}

/**
 * Built aside and moved in one step: a server that runs, or a second start, never sees half of it.
 * @param {string} root @param {boolean} strict
 */
function build(root, strict) {
  const windows = process.platform === 'win32';
  const node = join(root, 'node_modules', '.bin', windows ? 'node.cmd' : 'node');
  const aside = join(root, 'web', `dist.${process.pid}`);
  const before = join(root, 'web', `dist.${process.pid}.before`);
  // What is built is what was read before: a file that is saved meanwhile is built the next time.
  const stamp = fingerprint(root);
  try {
    const result = spawnSync(
      node,
      [
        join(root, 'node_modules/vite/bin/vite.js'),
        'build',
        '--config',
        'web/vite.config.ts',
        '--logLevel=info',
      ],
      {
        cwd: root,
        env: {
          ...process.env,
          NODE_ENV: 'production',
          NO_COLOR: '1',
          PARLEY_WEB_OUT: aside,
          PARLEY_WEB_STRICT: strict ? '1' : '',
        },
        encoding: 'utf8',
        shell: windows,
      },
    );
    if (result.status !== 0) {
      const words = result.error?.message ?? `${result.stderr}\n${result.stdout}`.trim();
      return { ok: false, words };
    }
    writeFileSync(join(aside, '.built'), stamp);
    if (existsSync(join(root, 'web', 'dist'))) renameSync(join(root, 'web', 'dist'), before);
    renameSync(aside, join(root, 'web', 'dist'));
    return { ok: true, words: /the first route needs [^\n]*/.exec(result.stdout + result.stderr)?.[0] ?? '' };
  } finally {
    rmSync(aside, { recursive: true, force: true });
    rmSync(before, { recursive: true, force: true });
  }
}

/** @param {string} root @param {boolean} [strict] builds anew, and fails when it is too large @returns {number} the exit code */
export function buildWeb(root, strict = false) {
  if (!strict && isBuilt(root)) return 0;
  const startedAt = Date.now();
  const { ok, words } = build(root, strict);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  if (!ok) {
    console.error(`parley: the web app could not be built.\n\n${words}`);
    return 1;
  }
  console.log(`parley: built the web app in ${seconds} s${words ? `; ${words}` : ''}.`);
  return 0;
}

const script = fileURLToPath(import.meta.url);
if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(script)) {
  process.exitCode = buildWeb(resolve(dirname(script), '..'), process.argv.includes('--strict'));
}
