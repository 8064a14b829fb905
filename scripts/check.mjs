// The whole check as one readable list: what runs here is what CI runs. Every step runs even when an earlier one failed.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} Step
 * @property {string} name what `--only` calls it
 * @property {string} promise what holds when it passes
 * @property {string[]} command
 * @property {boolean} [figures] show what it printed also when it passed
 * @property {boolean} [live] show its output while it runs; otherwise only a failing step's output is shown
 */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** @type {Step[]} */
const STEPS = [
  {
    name: 'types',
    promise: 'TypeScript finds no error',
    command: ['tsc', '-p', 'tsconfig.json', '--noEmit'],
  },
  {
    name: 'types-web',
    promise: 'TypeScript finds no error in the web app',
    command: ['tsc', '-p', 'web/tsconfig.json', '--noEmit'],
  },
  {
    name: 'web',
    promise: 'the web app can be built, and its first route is small enough',
    command: ['node', 'scripts/build-web.mjs', '--strict'],
  },
  {
    name: 'lint',
    promise: 'Biome finds nothing to mend or to format',
    command: ['biome', 'ci', '--error-on-warnings', '--colors=off', '--diagnostic-level=warn', '.'],
  },
  {
    name: 'unused',
    promise: 'Knip finds no dead code and no unused or unlisted dependency',
    command: ['knip'],
  },
  {
    name: 'boundaries',
    promise: 'everybody imports only whom they may',
    command: ['node', 'scripts/boundaries.ts'],
  },
  {
    name: 'docs',
    promise: 'the generated reference is in step with the code',
    command: ['node', 'server/src/cli/reference.ts', '--check'],
  },
  {
    name: 'docs',
    promise: 'every requirement of ASVS is answered, and the tests that are named exist',
    command: ['node', 'scripts/asvs.ts'],
  },
  {
    name: 'dependencies',
    promise: 'every package is what was locked, and may be used',
    command: ['node', 'scripts/dependencies.ts'],
  },
  {
    name: 'secrets',
    promise: 'no secret stands in the tree',
    command: ['node', 'scripts/secrets.ts'],
  },
  { name: 'tests', promise: 'every test passes', command: ['npm', 'test'], live: true },
  {
    name: 'walls',
    promise: 'nothing leaked, and docs/security.md says how much was tried',
    command: ['node', 'scripts/walls.ts'],
    figures: true,
  },
];

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Node and the tools come from node_modules, whatever Node started us; npm is the one that started us.
 * @param {string[]} command
 */
function startable([program = '', ...args]) {
  const npm = process.env.npm_execpath ?? '';
  const node = process.env.npm_node_execpath ?? process.execPath;
  if (program === 'npm' && /npm-cli\.js$/.test(npm) && existsSync(node))
    return { program: node, args: [npm, ...args] };
  return { program, args };
}

/**
 * @param {Step} step
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
function runStep(step) {
  const { program, args } = startable(step.command);
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  return new Promise((settle) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', step.live ? 'inherit' : 'pipe', step.live ? 'inherit' : 'pipe'],
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk) => (output += chunk));
    child.on('error', (error) =>
      settle({ ok: false, output: `${program} could not be started: ${error.message}` }),
    );
    child.on('close', (code, signal) => {
      settle({ ok: code === 0, output: signal ? `${output}\nended by ${signal}` : output });
    });
  });
}

/**
 * Runs every step, prints each with its time and a summary at the end.
 * @param {Step[]} steps
 * @param {(text: string) => void} print
 * @returns {Promise<boolean>} whether all of them passed
 */
export async function runSteps(steps, print) {
  /** @type {string[]} */
  const failed = [];
  const startedAt = performance.now();
  for (const step of steps) {
    const stepStartedAt = performance.now();
    if (step.live) print(`  …   ${step.name}: ${step.command.join(' ')}`);
    const { ok, output } = await runStep(step);
    print(
      `${ok ? '  ok  ' : ' FAIL '} ${step.name.padEnd(11)} ${seconds(performance.now() - stepStartedAt).padStart(8)}  ${step.promise}`,
    );
    if (ok && step.figures) print(`       ${output.trim()}`);
    if (ok) continue;
    failed.push(step.name);
    if (output.trim() !== '') print(`\n${output.trim()}\n`);
  }
  const summary =
    failed.length === 0
      ? `check: all ${steps.length} steps passed`
      : `check: ${failed.length} of ${steps.length} steps failed: ${failed.join(', ')} (again with: npm run check -- --only ${failed.join(',')})`;
  print(`\n${summary}, in ${seconds(performance.now() - startedAt)}`);
  return failed.length === 0;
}

async function main() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log('npm run check [-- --only NAME,NAME]\n');
    for (const step of STEPS) console.log(`  ${step.name.padEnd(11)} ${step.promise}`);
    return 0;
  }
  const wanted = values.only?.split(',').map((name) => name.trim());
  const unknown = wanted?.filter((name) => !STEPS.some((step) => step.name === name)) ?? [];
  if (unknown.length > 0) {
    console.error(
      `check: no step is called ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}`,
    );
    return 2;
  }
  const steps = STEPS.filter((step) => wanted === undefined || wanted.includes(step.name));
  return (await runSteps(steps, console.log)) ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) {
  process.exitCode = await main();
}
