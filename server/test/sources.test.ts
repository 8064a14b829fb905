// What our own sources may not hold, wherever it would stand: ways to run text as code, to make markup of it, to be guessed.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';

interface Rule {
  readonly pattern: RegExp;
  /** A line that breaks it. */
  readonly planted: string;
  /** Files in which it stands all the same, with the reason. */
  readonly except?: Readonly<Record<string, string>>;
}

let lines: { readonly path: string; readonly line: string }[];
beforeAll(async () => {
  const root = join(import.meta.dirname, '../..');
  const found = await Promise.all(
    ['server/src', 'web/src', 'contract/src'].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => `${folder}/${name}`),
    ),
  );
  const sources = found.flat().filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path));
  expect(sources.length).toBeGreaterThan(500);
  const read = await Promise.all(
    sources.map(async (path) =>
      (await readFile(join(root, path), 'utf8')).split('\n').map((line) => ({ path, line: line.trim() })),
    ),
  );
  lines = read.flat();
});

function expectNone({ pattern, planted, except = {} }: Rule): void {
  expect(planted).toMatch(pattern);
  const broken = lines.filter(({ line }) => pattern.test(line));
  expect(broken.filter(({ path }) => !(path in except))).toEqual([]);
  // What nobody needs any more is no excuse for the next one.
  const needed = new Set(broken.map(({ path }) => path));
  expect(Object.keys(except).filter((path) => !needed.has(path))).toEqual([]);
}

it('text is not run as code', () => {
  expectNone({
    pattern: /\beval\s*\(|\bnew\s+Function\s*\(|['"](?:node:)?vm['"]/,
    planted: "const run = new Function('a', text);",
  });
});

it('text does not become markup', () => {
  expectNone({
    pattern: /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|srcdoc/i,
    planted: '<p dangerouslySetInnerHTML={{ __html: text }} />',
  });
});

it('no shell stands between us and a program', () => {
  expectNone({
    pattern: /\bexec(?:Sync)?\b.*child_process|\bshell:\s*(?!false)/,
    planted: "spawn('convert', [name], { shell: true });",
  });
});

it('a pattern is made of words of ours', () => {
  const ours = 'lists of words that stand in the file';
  expectNone({
    pattern: /\bRegExp\(/,
    planted: 'new RegExp(input).test(text)',
    except: {
      'server/src/core/mask-phones.ts': ours,
      'server/src/modules/assistant/learning/personal.ts': `${ours}, and names cut to letters and digits`,
      'server/src/modules/conversations/search-terms.ts': ours,
      'server/src/modules/inference/builtin-tools.ts': ours,
      'server/src/modules/inference/sensitivity.ts': ours,
      'server/src/modules/knowledge/blocks.ts': ours,
      'server/src/providers/twilio/openapi-check.ts': 'paths of the vendor’s description, escaped',
      'server/src/providers/twilio/simulator-numbers.ts': 'digits and stars alone, in the simulated carrier',
    },
  });
});

it('what must not be guessed does not come from a generator that can be', () => {
  const wait = 'how long a second try waits';
  expectNone({
    pattern: /Math\.random/,
    planted: 'const token = Math.random().toString(36);',
    except: {
      'server/src/core/bus.ts': 'the name by which a process knows its own wake-ups',
      'server/src/modules/channels/outgoing.ts': wait,
      'server/src/modules/inference/asking.ts': wait,
      'web/src/features/phone/queries.ts': 'the name of a text on its way, within one page',
      'web/src/lib/query.ts': wait,
      'web/src/lib/realtime.ts': wait,
    },
  });
});

it('hashes and ciphers are those that docs/security/controls.md names', () => {
  expectNone({
    pattern:
      /create(?:Hash|Hmac)\(\s*['"](?!sha256['"])|create(?:De|C)ipheriv\(\s*['"](?!aes-256-gcm['"])|-ecb\b|\brc4\b/i,
    planted: "createHash('md5').update(text)",
    except: {
      'server/src/modules/tenancy/second-factor/totp.ts': 'HMAC-SHA1 is what apps compute (RFC 6238)',
    },
  });
});

it('nobody’s certificate goes unchecked', () => {
  expectNone({
    pattern: /rejectUnauthorized:\s*(?!true)|NODE_TLS_REJECT_UNAUTHORIZED|checkServerIdentity/,
    planted: 'connect({ host, rejectUnauthorized: false });',
  });
});

it('messages of other windows are not listened to', () => {
  expectNone({
    pattern: /(?:\.addEventListener\(\s*['"]message['"]|\bwindow\.onmessage\s*=)/,
    planted: "window.addEventListener('message', obey);",
    except: {
      'web/src/service-worker.ts': 'only pages of its own origin can speak to a worker',
    },
  });
});
