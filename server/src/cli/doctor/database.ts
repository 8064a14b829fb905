// What the doctor looks at in the database: its version and durability, our roles, the migrations, the job queue's tables.
import { modules } from '../../app.ts';
import type { Database, Queries } from '../../core/database.ts';
import { migrationStatus } from '../../core/migrations.ts';
import { type Finding, Findings } from './finding.ts';

const versionMin = 150_000;
const skewWarningMs = 2000;
const skewProblemMs = 30_000;

/** Durability settings, and what their being off means. */
const durability = {
  fsync: 'a power cut may destroy the database',
  synchronous_commit: 'what was acknowledged may be lost in a crash',
  full_page_writes: 'a power cut may destroy pages of the database',
} as const;

export async function examineDatabase(database: Database): Promise<Finding[]> {
  const findings = new Findings('database');
  const sentAt = Date.now();
  const [server] = await database.asOwner((queries) =>
    queries.sql<{ version: number; name: string; now: number; usable: boolean }>(
      `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
         (extract(epoch from clock_timestamp()) * 1000)::float8 as now,
         not pg_is_in_recovery() as usable`,
    ),
  );
  const tookMs = Date.now() - sentAt;
  if (!server) throw new Error('the database answered nothing');
  if (Number(server.version) < versionMin) {
    findings.problem(`PostgreSQL ${server.name} is too old.`, 'Parley needs PostgreSQL 15 or newer.');
  } else {
    const where = database.kind === 'embedded' ? 'embedded, in this data folder' : 'a server';
    findings.ok(`PostgreSQL ${server.name} (${where}) answered in ${tookMs} ms.`);
  }
  if (!server.usable) {
    findings.problem('The database is a read-only replica.', 'Point DATABASE_URL at the primary.');
  }
  examineClock(findings, Number(server.now), sentAt + tookMs / 2);
  if (database.kind === 'postgres') {
    await examineDurability(database, findings);
  } else {
    findings.ok(
      'The embedded database survives a crash of the process, but not a power cut: use PostgreSQL where that matters.',
    );
  }
  await examineRoles(database, findings);
  return findings.list;
}

function examineClock(findings: Findings, theirs: number, ours: number): void {
  const skewMs = Math.abs(theirs - ours);
  if (skewMs < skewWarningMs) return;
  const sentence = `The clock of the database and of this machine differ by ${(skewMs / 1000).toFixed(1)} s.`;
  const mend = 'Let both keep time by NTP.';
  if (skewMs < skewProblemMs) findings.warning(sentence, mend);
  else findings.problem(sentence, mend);
}

async function examineDurability(database: Database, findings: Findings): Promise<void> {
  const rows = await database.asOwner((queries) =>
    queries.sql<{ name: string; setting: string }>(
      'select name, setting from pg_settings where name = any($1)',
      [Object.keys(durability)],
    ),
  );
  const off = rows.filter((row) => row.setting === 'off');
  for (const { name } of off) {
    findings.problem(
      `PostgreSQL runs with ${name} off: ${durability[name as keyof typeof durability]}.`,
      `Set ${name} = on in postgresql.conf.`,
    );
  }
  if (off.length === 0) findings.ok('PostgreSQL writes durably (fsync and synchronous_commit are on).');
}

async function examineRoles(database: Database, findings: Findings): Promise<void> {
  const rows = await database.asOwner((queries) =>
    queries.sql<{ role: string; found: boolean; granted: boolean; user: string }>(
      `select wanted.role, r.oid is not null as found, current_user as user,
         case when r.oid is null then false else pg_has_role(current_user, r.oid, 'member') end as granted
       from unnest(array['parley_app', 'parley_system']) as wanted(role) left join pg_roles r on r.rolname = wanted.role`,
    ),
  );
  for (const { role, found, granted, user } of rows) {
    if (granted) continue;
    findings.problem(
      found ? `The database's user ${user} may not act as ${role}.` : `The database has no role ${role}.`,
      found
        ? `As an administrator: grant ${role} to ${user};`
        : `As an administrator: create role ${role} nologin; grant ${role} to ${user};`,
    );
  }
  const [user] = await database.asOwner((queries) =>
    queries.sql<{ name: string; almighty: boolean }>(
      'select rolname as name, rolsuper or rolbypassrls as almighty from pg_roles where rolname = session_user',
    ),
  );
  if (database.kind === 'postgres' && user?.almighty) {
    findings.warning(
      `The database's user ${user.name} is a superuser, or passes by row-level security: it may do far more than Parley needs.`,
      'Make a user that owns this database and nothing else, and name it in DATABASE_URL.',
    );
  }
  if (rows.every((row) => row.granted)) findings.ok('The roles that wall the workspaces in are there.');
}

/** @returns the findings, and whether the app can be opened without changing anything. */
export async function examineSchema(database: Database): Promise<{ findings: Finding[]; complete: boolean }> {
  const findings = new Findings('schema');
  const migrations = await migrationStatus(database);
  const pending = migrations.filter((migration) => !migration.appliedAt);
  const changed = migrations.filter((migration) => migration.changed);
  if (pending.length > 0) {
    findings.problem(
      `${pending.length} migration${pending.length === 1 ? ' was' : 's were'} not applied: ${pending.map(({ number, name }) => `${number} ${name}`).join(', ')}.`,
      'Start a server of this version, or run: npm run parley -- migrate up',
    );
  }
  for (const { number, name } of changed) {
    findings.problem(
      `Migration ${number} ${name} was changed after it had been applied.`,
      'Restore the file, and put the change into a new migration.',
    );
  }
  if (pending.length + changed.length === 0) {
    findings.ok(`All ${migrations.length} migrations are applied.`);
  }
  const queues = await database.asOwner(readQueues);
  const wanted = modules.flatMap((module) => module.jobs ?? []).map((handler) => handler.job.name);
  const missing = wanted.filter((name) => !queues?.includes(name));
  if (queues === null) {
    findings.problem('The job queue has no tables.', 'Start a server once: it makes them.');
  } else if (missing.length > 0) {
    findings.problem(
      `The job queue lacks ${missing.join(', ')}.`,
      'Start a server of this version: it adds them.',
    );
  } else findings.ok(`The job queue has all ${wanted.length} of its queues.`);
  return { findings: findings.list, complete: pending.length === 0 };
}

async function readQueues(queries: Queries): Promise<string[] | null> {
  const [table] = await queries.sql<{ found: boolean }>(
    "select to_regclass('pgboss.queue') is not null as found",
  );
  if (!table?.found) return null;
  const rows = await queries.sql<{ name: string }>('select name from pgboss.queue');
  return rows.map((row) => row.name);
}
