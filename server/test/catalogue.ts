// What the database says of itself: read by the tests whose promises hold for every table, also for tomorrow's.
import type { Database } from '../src/core/database.ts';

export interface CatalogueColumn {
  readonly table: string;
  readonly column: string;
  /** As PostgreSQL writes it: `timestamp with time zone`. */
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** `a` or `d` for an identity column, empty otherwise. */
  readonly identity: string;
}

export async function readColumns(database: Database, schema = 'public'): Promise<CatalogueColumn[]> {
  return database.asOwner((queries) =>
    queries.sql<CatalogueColumn>(
      `select c.relname as "table", a.attname as "column", format_type(a.atttypid, a.atttypmod) as type,
         a.attnotnull as "notNull", a.atthasdef as "hasDefault", a.attidentity::text as identity
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
       order by c.relname, a.attnum`,
      [schema],
    ),
  );
}

/** Everything in the schema `public` but the record of migrations, one line a thing, sorted. */
export async function dumpCatalogue(database: Database): Promise<string[]> {
  const rows = await database.asOwner((queries) =>
    queries.sql<{ line: string }>(
      `with relations as (
         select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relname not like 'schema_migrations%'
       )
       select format('%s %s rls=%s forced=%s', relkind, relname, relrowsecurity, relforcerowsecurity) as line from relations
       union all
       select format('grant %s %s %s', relname, pg_get_userbyid(acl.grantee), acl.privilege_type)
         from relations, aclexplode(relacl) as acl where acl.grantee <> relowner
       union all
       select format('column grant %s.%s %s %s', relname, attname, pg_get_userbyid(acl.grantee), acl.privilege_type)
         from relations join pg_attribute a on a.attrelid = relations.oid, aclexplode(attacl) as acl
       union all
       select format('column %s.%s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
           pg_get_expr(d.adbin, d.adrelid))
         from relations join pg_attribute a on a.attrelid = relations.oid
         left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where relkind = 'r' and attnum > 0 and not attisdropped
       union all
       select pg_get_indexdef(relations.oid) from relations where relkind = 'i'
       union all
       select format('constraint %s %s %s', relname, conname, pg_get_constraintdef(con.oid))
         from relations join pg_constraint con on con.conrelid = relations.oid
       union all
       select format('policy %s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check)
         from pg_policies where schemaname = 'public'
       union all
       select format('trigger %s', pg_get_triggerdef(t.oid))
         from relations join pg_trigger t on t.tgrelid = relations.oid where not tgisinternal
       union all
       select format('function %s', pg_get_functiondef(p.oid))
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'public'`,
    ),
  );
  return rows.map((row) => row.line).sort();
}
