// `npm run dev`: the server, started again when its files change, and Vite in front of it, which brings a changed web app
// to the browser at once. Ends when either of them ends.
import { spawn } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const windows = process.platform === 'win32';
const node = join(root, 'node_modules', '.bin', windows ? 'node.cmd' : 'node');
const port = process.env.PORT ?? '3000';
const web = 'http://localhost:5173';

/** @param {string[]} parameters @param {Record<string, string>} environment */
function start(parameters, environment) {
  // The Node of node_modules, whatever Node started us.
  const child = spawn(node, parameters, {
    cwd: root,
    shell: windows,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  child.once('exit', (code) => stop(code ?? 0));
  return child;
}

const children = [
  start(['--watch', 'server/src/main.ts', '--no-supervise', ...process.argv.slice(2)], {
    PORT: port,
    // The page comes from Vite's port, and may act for the member who is signed in.
    CORS_ORIGINS: [process.env.CORS_ORIGINS, web].filter(Boolean).join(','),
  }),
  start(
    [join(root, 'node_modules/vite/bin/vite.js'), '--config', 'web/vite.config.ts', '--clearScreen=false'],
    {
      PARLEY_DEV_SERVER: `http://127.0.0.1:${port}`,
    },
  ),
];

let stopping = false;
/** @param {number} code */
function stop(code) {
  if (stopping) return;
  stopping = true;
  process.exitCode = code;
  for (const child of children) child.kill('SIGTERM');
}
process.on('SIGINT', () => stop(0));
process.on('SIGTERM', () => stop(0));
