// What the doctor thinks of secrets and of what keeps strangers out: guessable ones, files that others read, settings that open
// more than they need to.
import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../../core/config.ts';
import { isPublicAddress } from '../../core/egress.ts';
import { type Finding, Findings } from './finding.ts';

/** What stands in examples, and what people type when they are asked for many characters. */
const guessable =
  /change.?me|replace.?me|your.?secret|my.?secret|super.?secret|example|default|12345678|qwertyui|password|(.)\1{5}/i;
/** How many characters of each differ at least: of 32 random ones of any alphabet, hardly fewer than twelve. */
const random = {
  PARLEY_SECRET: 12,
  PARLEY_PREVIOUS_SECRET: 12,
  METRICS_TOKEN: 8,
  SUPABASE_JWT_SECRET: 12,
} as const;
/** Whose addresses hold a password. */
const withPassword = ['DATABASE_URL', 'REDIS_URL', 'SMTP_URL'] as const;
const passwordDistinctMin = 6;
const allowedMax = 20;

/** @param folder where `.env` is read from */
export async function examineSecrets(config: Config, folder = process.cwd()): Promise<Finding[]> {
  const findings = new Findings('secrets');
  for (const [name, distinct] of Object.entries(random) as [keyof typeof random, number][]) {
    const value = config[name];
    if (value && isGuessable(value, distinct))
      findings.problem(`${name} can be guessed: it is no random text.`, mendOf(name));
  }
  for (const name of withPassword) {
    const url = config[name] && URL.canParse(config[name]) ? new URL(config[name]) : null;
    // On this machine, the way to it is closed to others.
    if (!url?.password || /^(?:localhost|127\.|\[::1\])/.test(url.hostname)) continue;
    if (url.password === url.username || isGuessable(decodeURIComponent(url.password), passwordDistinctMin))
      findings.problem(
        `The password in ${name} can be guessed.`,
        'Give that user another one there, and set it here.',
      );
  }
  if (config.PARLEY_SECRET && config.PARLEY_SECRET === config.PARLEY_PREVIOUS_SECRET) {
    findings.warning(
      'PARLEY_PREVIOUS_SECRET is the present secret.',
      'Take it away, or set it to the one before.',
    );
  }
  await examineEnvironmentFile(findings, join(folder, '.env'));
  if (findings.list.length === 0) findings.ok('No secret can be guessed, or read by others on this machine.');
  return findings.list;
}

function mendOf(name: keyof typeof random): string {
  if (name === 'SUPABASE_JWT_SECRET')
    return 'Give the project another one: who knows it signs in as anybody.';
  const make = 'Make one by "openssl rand -base64 48"';
  return name === 'PARLEY_SECRET'
    ? `${make}, set it, put the present one into PARLEY_PREVIOUS_SECRET, and run: npm run parley -- rotate-keys`
    : `${make}.`;
}

function isGuessable(secret: string, distinct: number): boolean {
  return guessable.test(secret) || new Set(secret).size < distinct;
}

async function examineEnvironmentFile(findings: Findings, file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found || process.platform === 'win32' || (found.mode & 0o077) === 0) return;
  findings.warning(
    `${file} can be read by others (mode ${(found.mode & 0o777).toString(8)}), and secrets may stand in it.`,
    `Take it away from them: chmod 600 ${file}`,
  );
}

/** Whether people reach it from outside. */
function isInTheOpen({ publicUrl }: Config): boolean {
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes('.') && !/\.(?:localhost|local|internal|test|lan|home\.arpa)$/.test(host);
}

export function examineDoors(config: Config): Finding[] {
  const findings = new Findings('doors');
  const inTheOpen = isInTheOpen(config);
  if (inTheOpen && config.publicUrl.startsWith('http:')) {
    findings.problem(
      `${config.publicUrl} is not encrypted: passwords and sessions can be read on the way.`,
      'Put a reverse proxy with a certificate in front, and set PUBLIC_URL to its https address.',
    );
  }
  if (inTheOpen && !config.SMTP_URL) {
    findings.warning(
      'No mail server is set: nobody can reset a password or confirm an address by themselves.',
      'Set SMTP_URL.',
    );
  }
  if (inTheOpen && config.demo) {
    findings.warning(
      'The demo runs where everybody can reach it.',
      'Set PARLEY_DEMO=false, and use PostgreSQL (DATABASE_URL).',
    );
  }
  if (inTheOpen && config.PARLEY_OWNER_PASSWORD) {
    findings.warning(
      'The first owner’s password still stands in the environment; it is used once.',
      'Take PARLEY_OWNER_PASSWORD away, and see that the owner has another one by now.',
    );
  }
  for (const origin of config.CORS_ORIGINS) {
    if (!isOrigin(origin)) {
      findings.problem(
        `CORS_ORIGINS has ${origin}, which is no origin of a page.`,
        'Name each origin whole, such as https://app.example.com; there is no way to mean all of them.',
      );
    } else if (inTheOpen && origin.startsWith('http:')) {
      findings.warning(
        `Pages of ${origin} may act for signed-in members, and come unencrypted.`,
        'Name its https origin in CORS_ORIGINS instead.',
      );
    }
  }
  examineAllowed(config, findings);
  examineShared(config, findings);
  if (findings.list.length === 0)
    findings.ok('What is open to others is what is meant to be, as far as settings tell.');
  return findings.list;
}

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

/** Where a cloud tells whoever asks from this machine its credentials. */
const metadata = /^(?:169\.254\.|\[?fd00:ec2:|metadata\b)/;

function examineAllowed(config: Config, findings: Findings): void {
  for (const name of ['EGRESS_ALLOW_HOSTS', 'EGRESS_ALLOW_PAGE_HOSTS', 'EGRESS_ALLOW_TOOL_HOSTS'] as const) {
    const hosts = config[name];
    const wide = hosts.filter((host) => /[*/?]/.test(host) || /^(?:0\.0\.0\.0|\[?::\]?)(?::|$)/.test(host));
    if (wide.length > 0) {
      findings.problem(
        `${name} has ${wide.join(', ')}, which is no single host.`,
        'Name each host by itself; there is no way to mean many.',
      );
    }
    if (hosts.some((host) => metadata.test(host))) {
      findings.problem(
        `${name} opens the address at which a cloud gives away this machine’s credentials.`,
        'Take it away.',
      );
    }
    if (hosts.length > allowedMax) {
      findings.warning(
        `${name} opens ${hosts.length} private hosts.`,
        'Keep it as short as can be: what is in it, a member’s settings can reach.',
      );
    }
  }
}

/** What is the operator's own, and whoever signs up gets with a workspace. */
function examineShared(config: Config, findings: Findings): void {
  if (config.SIGN_UP !== 'open') return;
  if (config.MONITOR_API_URL) {
    findings.warning(
      'Everybody may sign up (SIGN_UP=open), and Collections Monitor names the owners of numbers to every workspace.',
      'Where those names are not for everybody, set SIGN_UP=invitation, or leave MONITOR_API_URL empty.',
    );
  }
  if (config.MODELS.some(({ apiKey, enabled }) => apiKey && enabled)) {
    findings.warning(
      'Everybody may sign up (SIGN_UP=open), and every workspace may use the models of MODELS, at your expense.',
      'Set limits on those models and at their providers; or set SIGN_UP=invitation, or let each workspace bring models of its own.',
    );
  }
}
