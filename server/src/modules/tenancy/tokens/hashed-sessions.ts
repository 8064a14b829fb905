// The sign-in library keeps the token of a session as it is, and finds a session by it. This stands between the library and
// its tables: what is kept is a hash, so that whoever reads the table, or a copy of it, has nobody's session.
import { createHash } from 'node:crypto';

interface Query {
  readonly model: string;
  readonly where?: readonly { readonly field: string; readonly value: unknown }[];
  readonly data?: Row;
  readonly update?: Row;
}
type Row = Record<string, unknown>;
type Method = (query: Query) => Promise<unknown>;

const prefix = 'sha256:';

export function hashSessionToken(token: string): string {
  return `${prefix}${createHash('sha256').update(token).digest('hex')}`;
}

const hash = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(hash);
  return typeof value === 'string' ? hashSessionToken(value) : value;
};
/** The library ends a session by what it found it with; what opens one is never a hash. */
const hashOnce = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(hashOnce);
  return typeof value === 'string' && value.startsWith(prefix) ? value : hash(value);
};

const methods = ['create', 'findOne', 'findMany', 'count', 'update', 'updateMany', 'delete', 'deleteMany'];

const withHash = (row: Row): Row => ('token' in row ? { ...row, token: hash(row.token) } : row);

function translate(method: string, query: Query): Query {
  const { where, data, update } = query;
  const hashWhere = method === 'findOne' ? hash : hashOnce;
  return {
    ...query,
    ...(where && {
      where: where.map((one) => (one.field === 'token' ? { ...one, value: hashWhere(one.value) } : one)),
    }),
    ...(data && { data: withHash(data) }),
    ...(update && { update: withHash(update) }),
  };
}

/** The token that the caller knows: the library puts it into a cookie. */
const knownToken = ({ where, data, update }: Query): unknown =>
  data?.token ?? update?.token ?? where?.find(({ field }) => field === 'token')?.value;

/**
 * Wraps an adapter of the sign-in library. Sessions that are found by anything but their token carry the hash of it.
 * @param open makes the adapter from the library's options
 */
export function hashedSessions<Options, Adapter extends object>(
  open: (options: Options) => Adapter,
): (options: Options) => Adapter {
  return (options) => wrap(open(options));
}

function wrap<Adapter extends object>(adapter: Adapter): Adapter {
  const wrapped = { ...adapter } as Record<string, unknown>;
  for (const name of methods) {
    const method = wrapped[name] as Method;
    wrapped[name] = async (query: Query) => {
      if (query.model !== 'session') return method(query);
      const answer = await method(translate(name, query));
      const token = knownToken(query);
      const isRow = answer !== null && typeof answer === 'object' && !Array.isArray(answer);
      return isRow && typeof token === 'string' && 'token' in answer ? { ...answer, token } : answer;
    };
  }
  const transaction = wrapped.transaction as
    | ((work: (inside: object) => Promise<unknown>) => Promise<unknown>)
    | undefined;
  if (transaction)
    wrapped.transaction = (work: (inside: object) => Promise<unknown>) =>
      transaction((inside) => work(wrap(inside)));
  return wrapped as Adapter;
}
