// The configuration: one schema, from which the environment is parsed, `.env.example` and the reference are written.
import { join } from 'node:path';
import { timeZone } from '@parley/contract/common';
import { environmentModel } from '@parley/contract/models';
import { z } from 'zod';

const role = z.enum(['all', 'api', 'worker']);
const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'])
  .transform((value) => value === 'true' || value === '1' || value === 'yes');
const list = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  );
/** `name` or `owner/name`, as on Hugging Face, and no way out of the directory. */
const modelFolder = z
  .string()
  .regex(/^\w[\w.-]*(\/\w[\w.-]*)?$/)
  .optional();
const empty = (value: unknown) => (value === '' ? undefined : value);

const portDefault = 3000;

interface Setting<Schema extends z.ZodType = z.ZodType> {
  readonly schema: Schema;
  /** What it is for, in one or two sentences. */
  readonly doc: string;
  /** What stands in the reference as the default. */
  readonly default: string;
  /** What a right value looks like, said when a value is wrong. */
  readonly expects: string;
  readonly secret?: true;
}

const setting = <Schema extends z.ZodType>(value: Setting<Schema>) => value;

export const settings = {
  PORT: setting({
    schema: z.coerce.number().int().min(0).max(65_535).default(portDefault),
    doc: 'The port that this process listens on; 0 takes a free one, and so does a worker that is given none: it serves `/livez`, `/readyz` and `/metrics` there and nothing else.',
    default: '3000',
    expects: 'a port number from 0 to 65535',
  }),
  HOST: setting({
    schema: z.string().min(1).default('0.0.0.0'),
    doc: 'The address that this process listens on.',
    default: '0.0.0.0',
    expects: 'an IP address or host name of this machine',
  }),
  PARLEY_DATA: setting({
    schema: z.string().min(1).default('./data'),
    doc: 'The folder for the embedded database, stored files and the generated secret.',
    default: './data',
    expects: 'a path that can be written to',
  }),
  DATABASE_URL: setting({
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    doc: 'PostgreSQL 15 or newer. Empty: PostgreSQL runs embedded, in the data folder, for one process.',
    default: '(empty: embedded)',
    expects: 'postgres://user:password@host:5432/database',
    secret: true,
  }),
  DATABASE_POOL_MAX: setting({
    schema: z.coerce.number().int().min(2).max(200).default(10),
    doc: 'Connections to PostgreSQL that one process may hold for its own work (the job queue takes up to 4 more).',
    default: '10',
    expects: 'a whole number from 2 to 200',
  }),
  REDIS_URL: setting({
    schema: z.url({ protocol: /^rediss?$/ }).optional(),
    doc: 'Redis for rate limits and wake-ups shared by several nodes. Nothing durable lives there.',
    default: '(empty: in process)',
    expects: 'redis://host:6379',
    secret: true,
  }),
  PUBLIC_URL: setting({
    schema: z.url({ protocol: /^https?$/ }).optional(),
    doc: 'The address by which providers and browsers reach Parley. Webhook signatures are checked against it.',
    default: 'http://localhost:PORT',
    expects: 'https://parley.example.com',
  }),
  PARLEY_TRUST_PROXY: setting({
    schema: flag.default(false),
    doc: 'Set to true behind a reverse proxy of your own, so that X-Forwarded-For, -Host and -Proto are believed.',
    default: 'false',
    expects: 'true or false',
  }),
  PARLEY_SECRET: setting({
    schema: z.string().min(32).optional(),
    doc: 'The secret from which the key-encryption key and the session secret are derived. Absent: made at first start and kept in the data folder with mode 600. Lose it and the content is lost.',
    default: '(made and kept in PARLEY_DATA/secret)',
    expects: 'at least 32 random characters',
    secret: true,
  }),
  PARLEY_PREVIOUS_SECRET: setting({
    schema: z.string().min(32).optional(),
    doc: 'The secret before this one, while `parley rotate-keys` re-wraps the data keys.',
    default: '(empty)',
    expects: 'at least 32 random characters',
    secret: true,
  }),
  PARLEY_ROLE: setting({
    schema: role.default('all'),
    doc: 'What this process does: `api` serves HTTP, `worker` runs jobs, `all` does both. `--role=` wins over it.',
    default: 'all',
    expects: 'all, api or worker',
  }),
  PARLEY_SUPERVISE: setting({
    schema: flag.default(true),
    doc: 'Whether the role `all` runs under a small supervisor that starts it again when it crashes or hangs. Set to false (or pass `--no-supervise`) where a container or service manager does that.',
    default: 'true',
    expects: 'true or false',
  }),
  PARLEY_OWNER_EMAIL: setting({
    schema: z.email().default('owner@parley.local'),
    doc: "The first owner's e-mail address, used once, when no user exists.",
    default: 'owner@parley.local',
    expects: 'an e-mail address',
  }),
  PARLEY_OWNER_PASSWORD: setting({
    schema: z.string().min(10).max(128).optional(),
    doc: "The first owner's password. Absent: a random one is made and printed once.",
    default: '(random, printed once)',
    expects: '10 to 128 characters',
    secret: true,
  }),
  PARLEY_DEMO: setting({
    schema: flag.optional(),
    doc: 'Makes the demo workspace with a simulated carrier. On by default with the embedded database, off with DATABASE_URL.',
    default: '(true when embedded)',
    expects: 'true or false',
  }),
  LOG_LEVEL: setting({
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    doc: 'How much is logged. Content, credentials and whole telephone numbers never are, at any level.',
    default: 'info',
    expects: 'trace, debug, info, warn, error, fatal or silent',
  }),
  METRICS_TOKEN: setting({
    schema: z.string().min(16).optional(),
    doc: 'Bearer token for `/metrics`. Absent: only callers on this machine may read it.',
    default: '(empty: loopback only)',
    expects: 'at least 16 characters',
    secret: true,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting({
    schema: z.url({ protocol: /^https?$/ }).optional(),
    doc: 'Where OpenTelemetry traces go (OTLP over HTTP). Absent: no tracing, and nothing of it is loaded.',
    default: '(empty: off)',
    expects: 'http://collector:4318',
  }),
  MONITOR_API_URL: setting({
    schema: z.url({ protocol: /^https?$/ }).optional(),
    doc: 'Collections Monitor, the contact directory in which senders are looked up. It serves every workspace: each is told who owns the numbers that write to it, also one that somebody made with SIGN_UP=open.',
    default: '(empty: off)',
    expects: 'https://monitor.example.com',
  }),
  MONITOR_API_TOKEN: setting({
    schema: z.string().min(1).optional(),
    doc: 'Bearer token for Collections Monitor.',
    default: '(empty)',
    expects: 'the token as the service gave it',
    secret: true,
  }),
  TWILIO_API_URL: setting({
    schema: z.url({ protocol: /^https?$/ }).default('https://api.twilio.com'),
    doc: "Twilio's REST API. Change it only to talk to a regional host or to a simulator.",
    default: 'https://api.twilio.com',
    expects: 'https://api.twilio.com',
  }),
  MODELS: setting({
    schema: z
      .string()
      .default('[]')
      .transform((value, check) => {
        try {
          return JSON.parse(value) as unknown;
        } catch {
          check.addIssue('is not JSON');
          return z.NEVER;
        }
      })
      .pipe(
        z
          .array(environmentModel)
          .refine((models) => new Set(models.map(({ name }) => name)).size === models.length),
      ),
    doc: 'Models that every workspace has, as a JSON array: `preset` (openai, groq, huggingface, ollama, llamacpp, custom), `name`, `model`, and whatever else a model of the API has. They are listed as "from the environment" and cannot be changed there. Whoever has a workspace may use them with your keys, also one that somebody made with SIGN_UP=open: set their limits.',
    default: '(empty)',
    expects:
      '[{"preset":"groq","name":"Groq","model":"llama-3.3-70b-versatile","apiKey":"…"}], each name once',
    secret: true,
  }),
  ONNX_MODELS_DIR: setting({
    schema: z.string().min(1).optional(),
    doc: 'The directory with the folders of ONNX models. Nothing is ever fetched into it; see `docs/guides/onnx-models.md`.',
    default: 'PARLEY_DATA/models',
    expects: 'a path that can be read',
  }),
  ONNX_SENTIMENT_MODEL: setting({
    schema: modelFolder,
    doc: 'The folder, below ONNX_MODELS_DIR, of a model that says how messages sound, in place of the small one that comes with Parley.',
    default: '(empty: the one that comes with Parley)',
    expects: 'the name of a folder, or owner/name',
  }),
  ONNX_INTENT_MODEL: setting({
    schema: modelFolder,
    doc: 'The same for what messages want, in workspaces that have promoted no model of their own.',
    default: '(empty: the one that comes with Parley)',
    expects: 'the name of a folder, or owner/name',
  }),
  ONNX_EMBEDDING_MODEL: setting({
    schema: modelFolder,
    doc: 'The folder of a model of embeddings, which workspaces can then choose for searching their knowledge by meaning. It runs on this machine: private passages may reach it.',
    default: '(empty: none)',
    expects: 'the name of a folder, or owner/name',
  }),
  ONNX_WAIT_SECONDS: setting({
    schema: z.coerce.number().min(1).max(60).default(3),
    doc: 'How long a message waits at most for the models of sentiment and intents, also while they are being loaded; then the small ones read it.',
    default: '3',
    expects: 'a number of seconds from 1 to 60',
  }),
  EGRESS_ALLOW_HOSTS: setting({
    schema: list,
    doc: 'Hosts of models that Parley may call although they are private or without TLS (`host` or `host:port`, comma separated), such as a local Ollama. All other private addresses, and `http:`, are refused; pages and tools have settings of their own, because whoever manages the assistant writes their addresses.',
    default: '(empty)',
    expects: 'localhost:11434,models.internal',
  }),
  EGRESS_ONLY_HOSTS: setting({
    schema: list,
    doc: 'Where it is set, models, pages, tools and identity providers of workspaces are called at these hosts only, and at those that are allowed above and below: `host`, `host:port`, or `*.host` for all hosts below it.',
    default: '(empty: every public host)',
    expects: 'api.openai.com,*.example.com',
  }),
  EGRESS_ALLOW_PAGE_HOSTS: setting({
    schema: list,
    doc: 'Private hosts whose pages training data may be read from. A redirect from another host does not lead to them.',
    default: '(empty)',
    expects: 'wiki.internal,handbook.internal:8080',
  }),
  EGRESS_ALLOW_TOOL_HOSTS: setting({
    schema: list,
    doc: 'Hosts that HTTP tools and servers of tools may be at although they are private or without TLS.',
    default: '(empty)',
    expects: 'orders.internal:8080',
  }),
  EGRESS_ALLOW_SSO_HOSTS: setting({
    schema: list,
    doc: 'Hosts that the identity providers of workspaces (single sign-on) may be at although they are private or without TLS.',
    default: '(empty)',
    expects: 'keycloak.internal:8443',
  }),
  GOOGLE_CLIENT_ID: setting({
    schema: z.string().min(1).optional(),
    doc: 'With GOOGLE_CLIENT_SECRET: people can sign in with Google; see `docs/guides/single-sign-on.md`.',
    default: '(empty: off)',
    expects: '….apps.googleusercontent.com',
  }),
  GOOGLE_CLIENT_SECRET: setting({
    schema: z.string().min(1).optional(),
    doc: 'The secret of that client.',
    default: '(empty)',
    expects: 'the secret as Google gave it',
    secret: true,
  }),
  GOOGLE_ISSUER_URL: setting({
    schema: z.url({ protocol: /^https?$/ }).default('https://accounts.google.com'),
    doc: 'Change it only to talk to something that stands in for Google.',
    default: 'https://accounts.google.com',
    expects: 'https://accounts.google.com',
  }),
  MICROSOFT_CLIENT_ID: setting({
    schema: z.string().min(1).optional(),
    doc: 'With MICROSOFT_CLIENT_SECRET: people can sign in with Microsoft.',
    default: '(empty: off)',
    expects: 'the id of the app registration',
  }),
  MICROSOFT_CLIENT_SECRET: setting({
    schema: z.string().min(1).optional(),
    doc: 'The secret of that client.',
    default: '(empty)',
    expects: 'the secret as Microsoft gave it',
    secret: true,
  }),
  MICROSOFT_TENANT: setting({
    schema: z
      .string()
      .regex(/^[\w.-]+$/)
      .default('common'),
    doc: 'Whose accounts: `common` (all), `organizations`, or one organisation, by its id or domain.',
    default: 'common',
    expects: 'common, organizations, or the id of a tenant',
  }),
  MICROSOFT_ISSUER_URL: setting({
    schema: z.url({ protocol: /^https?$/ }).optional(),
    doc: 'Change it only to talk to something that stands in for Microsoft.',
    default: 'https://login.microsoftonline.com/TENANT/v2.0',
    expects: 'https://login.microsoftonline.com/common/v2.0',
  }),
  SUPABASE_URL: setting({
    schema: z.url({ protocol: /^https?$/ }).optional(),
    doc: 'A Supabase project whose tokens are accepted, for users whose account there is linked to theirs here.',
    default: '(empty: off)',
    expects: 'https://project.supabase.co',
  }),
  SUPABASE_JWT_SECRET: setting({
    schema: z.string().min(32).optional(),
    doc: 'The legacy secret that the project signs its tokens with (HS256). Empty: only tokens that are signed with its published keys.',
    default: '(empty)',
    expects: 'the JWT secret of the project',
    secret: true,
  }),
  SUPABASE_ANON_KEY: setting({
    schema: z.string().min(1).optional(),
    doc: 'The publishable (anon) key of the project, with which it is asked whether a user’s address is confirmed before they are linked by it. Empty: users link their account by themselves.',
    default: '(empty)',
    expects: 'the anon or publishable key',
  }),
  GEOIP_FILE: setting({
    schema: z.string().min(1).optional(),
    doc: 'A database of places by address (MMDB: GeoLite2 City, DB-IP City Lite), by which a list of sessions says where they are. It is read once into memory; nobody outside is asked.',
    default: '(empty: places are unknown)',
    expects: 'the path of a .mmdb file',
  }),
  SIGN_UP: setting({
    schema: z.enum(['invitation', 'open']).default('invitation'),
    doc: 'Who may make an account: `invitation`, whoever a workspace invites; `open`, everybody whose address a mail reaches, and they may make workspaces of their own, each of which may use MODELS and is told names by MONITOR_API_URL. Open needs SMTP_URL. Either way `parley workspace create` makes a workspace with its owner.',
    default: 'invitation',
    expects: 'invitation or open',
  }),
  SMTP_URL: setting({
    schema: z.url({ protocol: /^smtps?$/ }).optional(),
    doc: 'The mail server for links to reset a password and to confirm an address. `smtps:` is encrypted from the start, `smtp:` as soon as the server offers it; a user and a password are sent over an encrypted connection only, except to this machine. Empty: the demo shows its mails in the settings of its workspace, and elsewhere none is sent.',
    default: '(empty: no mail is sent)',
    expects: 'smtp://user:password@mail.example.com:587',
    secret: true,
  }),
  MAIL_FROM: setting({
    schema: z
      .string()
      .max(320)
      .regex(/^(?:[^<>\r\n]* <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
      .optional(),
    doc: 'Whom mails are from.',
    default: 'Parley <parley@HOST of PUBLIC_URL>',
    expects: 'parley@example.com or Parley <parley@example.com>',
  }),
  CORS_ORIGINS: setting({
    schema: list,
    doc: 'Origins besides PUBLIC_URL whose pages may call the API with a session, comma separated.',
    default: '(empty)',
    expects: 'https://app.example.com',
  }),
  RATE_LIMIT_PER_MINUTE: setting({
    schema: z.coerce.number().int().min(1).default(1200),
    doc: 'API requests a minute from one address, or from the 64 bits of IPv6 that one line has. Webhooks are not counted: they are shed when the journal is full.',
    default: '1200',
    expects: 'a whole number of at least 1',
  }),
  RATE_LIMIT_CALLER_PER_MINUTE: setting({
    schema: z.coerce.number().int().min(1).optional(),
    doc: 'API requests a minute of one key, or of one user, from wherever they come.',
    default: '(as RATE_LIMIT_PER_MINUTE)',
    expects: 'a whole number of at least 1',
  }),
  RATE_LIMIT_WORKSPACE_PER_MINUTE: setting({
    schema: z.coerce.number().int().min(1).optional(),
    doc: 'API requests a minute in one workspace, all of its keys and members together.',
    default: '(ten times RATE_LIMIT_PER_MINUTE)',
    expects: 'a whole number of at least 1',
  }),
  TRAINING_FILE_MB_MAX: setting({
    schema: z.coerce.number().int().min(1).max(200).default(20),
    doc: 'The largest file, in megabytes, that may be uploaded for the assistant to know.',
    default: '20',
    expects: 'a whole number from 1 to 200',
  }),
  KNOWLEDGE_CHARACTERS_IN_MEMORY: setting({
    schema: z.coerce.number().int().min(0).max(5_000_000).default(2_000_000),
    doc: 'Up to so many characters of knowledge of a workspace are searched in the memory of a process, and more than that in the database.',
    default: '2000000',
    expects: 'a whole number from 0 to 5000000',
  }),
  PARLEY_TIME_ZONE: setting({
    schema: timeZone.default(() => new Intl.DateTimeFormat().resolvedOptions().timeZone),
    doc: 'Where "tomorrow at 3" is meant in workspaces that have not set a time zone of their own, as a name of the IANA time zone database.',
    default: "the machine's",
    expects: 'a time zone such as Europe/Madrid',
  }),
  KNOWLEDGE_VECTORS_MB_IN_MEMORY: setting({
    schema: z.coerce.number().int().min(0).max(8_192).default(256),
    doc: 'Megabytes of vectors of knowledge that one process keeps in memory, of all workspaces together; 100,000 passages take about as many kilobytes as their model’s vectors have numbers, times a hundred. A workspace with more is searched by words alone.',
    default: '256',
    expects: 'a whole number from 0 to 8192',
  }),
  INGEST_QUEUE_MAX: setting({
    schema: z.coerce.number().int().min(10).max(100_000).default(1000),
    doc: 'Webhook calls that may wait for the journal in one process before further ones are answered 503 (providers call again).',
    default: '1000',
    expects: 'a whole number from 10 to 100000',
  }),
} as const;

type Settings = { -readonly [Key in keyof typeof settings]: z.output<(typeof settings)[Key]['schema']> };

export interface Config extends Settings {
  /** PUBLIC_URL, or what stands in for it before the port is known. */
  readonly publicUrl: string;
  readonly demo: boolean;
  readonly onnxModelsDirectory: string;
}

/** Every wrong value at once, each with what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly { name: string; expects: string }[];
  constructor(problems: readonly { name: string; expects: string }[]) {
    super(
      `Parley cannot start: ${problems.length} setting${problems.length === 1 ? ' is' : 's are'} wrong.\n` +
        problems.map((problem) => `  ${problem.name}: expected ${problem.expects}`).join('\n'),
    );
    this.problems = problems;
  }
}

/** Reads the settings from an environment. @throws ConfigError */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const problems: { name: string; expects: string }[] = [];
  const values: Record<string, unknown> = {};
  const isWorker = environment.PARLEY_ROLE === 'worker';
  for (const [name, { schema, expects }] of Object.entries(settings)) {
    const result = z
      .preprocess(empty, schema)
      .safeParse(isWorker && name === 'PORT' ? environment.PORT || '0' : environment[name]);
    if (result.success) values[name] = result.data;
    else problems.push({ name, expects });
  }
  if (environment.PARLEY_ROLE && environment.PARLEY_ROLE !== 'all' && !environment.DATABASE_URL) {
    problems.push({
      name: 'DATABASE_URL',
      expects: `a PostgreSQL address when PARLEY_ROLE is ${environment.PARLEY_ROLE}: the embedded database serves one process`,
    });
  }
  // Links in mails would lead their readers to their own machines.
  if (environment.SMTP_URL && !environment.PUBLIC_URL) {
    problems.push({
      name: 'PUBLIC_URL',
      expects:
        'the address that links in mails lead to when SMTP_URL is set, such as https://parley.example.com',
    });
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const parsed = values as Settings;
  // A worker's own port is nobody's way to the API.
  const publicPort = isWorker && parsed.PORT === 0 ? portDefault : parsed.PORT;
  return {
    ...parsed,
    publicUrl: (parsed.PUBLIC_URL ?? `http://localhost:${publicPort}`).replace(/\/$/, ''),
    demo: parsed.PARLEY_DEMO ?? !parsed.DATABASE_URL,
    onnxModelsDirectory: parsed.ONNX_MODELS_DIR ?? join(parsed.PARLEY_DATA, 'models'),
  };
}
