import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = resolve(import.meta.dirname, 'bootstrap.mjs');
let root: string;

const lock = (version: string) =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/zod': { version },
      'node_modules/elsewhere': { version, optional: true },
    },
  });

/** Stands in for npm: notes how it was called, and lays out what a real one would. */
const FAKE_NPM = `
const fs = require('node:fs');
fs.appendFileSync('calls.jsonl', JSON.stringify({ args: process.argv.slice(2), settings: Object.keys(process.env).filter((name) => /^npm_config_/i.test(name)) }) + '\\n');
if (fs.existsSync('offline')) { console.error('npm error code ENOTFOUND'); process.exit(1); }
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules/.bin', { recursive: true });
if (!fs.existsSync('no-scripts')) fs.writeFileSync('node_modules/.bin/node', '');
`;

function runBootstrap(settings: Record<string, string> = {}) {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const run = spawnSync(process.execPath, [join(root, 'scripts/bootstrap.mjs')], {
    encoding: 'utf8',
    cwd: tmpdir(),
    env: {
      ...environment,
      npm_execpath: join(root, 'npm-cli.js'),
      npm_node_execpath: process.execPath,
      ...settings,
    },
  });
  const calls = existsSync(join(root, 'calls.jsonl'))
    ? readFileSync(join(root, 'calls.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { args: string[]; settings: string[] })
    : [];
  return { status: run.status, stdout: run.stdout, stderr: run.stderr, calls };
}

beforeEach(() => {
  // With a space in its name, as on many a desktop.
  root = mkdtempSync(join(tmpdir(), 'parley bootstrap '));
  mkdirSync(join(root, 'scripts'));
  cpSync(script, join(root, 'scripts/bootstrap.mjs'));
  writeFileSync(join(root, 'npm-cli.js'), FAKE_NPM);
  writeFileSync(join(root, 'package-lock.json'), lock('1.0.0'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a fresh clone is installed once, with one line that says why', () => {
  const first = runBootstrap();
  expect(first.status).toBe(0);
  expect(first.stdout).toContain('node_modules is missing; installing with "npm ci"');
  expect(first.calls).toHaveLength(1);
  expect(first.calls[0]?.args).toEqual(expect.arrayContaining(['ci', '--include=dev']));
  const second = runBootstrap();
  expect(second).toMatchObject({ status: 0, stdout: '' });
  expect(second.calls).toHaveLength(1);
});

test('a changed lock file is installed again', () => {
  runBootstrap();
  writeFileSync(join(root, 'package-lock.json'), lock('2.0.0'));
  const run = runBootstrap();
  expect(run.stdout).toContain('package-lock.json has changed');
  expect(run.calls).toHaveLength(2);
});

test('what was installed by hand is not installed again', () => {
  mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
  writeFileSync(join(root, 'node_modules/.bin/node'), '');
  const installed = { packages: { 'node_modules/zod': { version: '1.0.0' } } };
  writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify(installed));
  expect(runBootstrap()).toMatchObject({ status: 0, calls: [] });
});

test('settings that npm was started with do not change what is installed', () => {
  const run = runBootstrap({
    npm_config_workspace: 'web',
    npm_config_omit: 'dev',
    npm_config_dry_run: 'true',
    npm_config_registry: 'https://registry.example/',
    NODE_ENV: 'production',
  });
  const settings = run.calls[0]?.settings ?? [];
  expect(settings).toContain('npm_config_registry');
  expect(settings).not.toEqual(expect.arrayContaining(['npm_config_workspace']));
  expect(settings).not.toEqual(expect.arrayContaining(['npm_config_omit']));
  expect(settings).not.toEqual(expect.arrayContaining(['npm_config_dry_run']));
});

test('without a network it says what is missing, and fails', () => {
  writeFileSync(join(root, 'offline'), '');
  const run = runBootstrap();
  expect(run.status).toBe(1);
  expect(run.stderr).toContain('ENOTFOUND');
  expect(run.stderr).toContain('The package registry could not be reached');
});

test('an npm that runs no install scripts leaves a hint instead of a riddle', () => {
  writeFileSync(join(root, 'no-scripts'), '');
  const run = runBootstrap();
  expect(run.status).toBe(1);
  expect(run.stderr).toContain('npm rebuild node --ignore-scripts=false');
});
