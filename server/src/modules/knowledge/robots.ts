// What a site's robots.txt allows (RFC 9309). Its patterns are somebody else's: each takes the time of one look through the
// address, whatever stands in it. Pure.

interface Rule {
  /** What stands between the wildcards. */
  readonly parts: readonly string[];
  readonly isWhole: boolean;
  /** The longest rule that fits counts. */
  readonly length: number;
  readonly allows: boolean;
}

export interface Robots {
  isAllowed(url: URL): boolean;
}

/** @param agent how we name ourselves, without a version; the rules for everybody count where none are for us. */
export function readRobots(text: string, agent: string): Robots {
  const groups = new Map<string, Rule[]>();
  let named: string[] = [];
  let isNaming = false;
  for (const line of text.split(/[\r\n]+/)) {
    const colon = line.indexOf(':');
    const comment = line.indexOf('#');
    if (colon === -1 || (comment !== -1 && comment < colon)) continue;
    const key = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1, comment === -1 ? undefined : comment).trim();
    if (key === 'user-agent') {
      const name = (value.split('/', 1)[0] ?? '').trim().toLowerCase();
      named = isNaming ? [...named, name] : [name];
      isNaming = true;
      if (!groups.has(name)) groups.set(name, []);
    } else if (key === 'allow' || key === 'disallow') {
      isNaming = false;
      if (value === '') continue;
      for (const name of named) groups.get(name)?.push(toRule(value, key === 'allow'));
    }
  }
  const rules = groups.get(agent.toLowerCase()) ?? groups.get('*') ?? [];
  return { isAllowed: (url) => allows(rules, normal(url.pathname + url.search)) };
}

function toRule(value: string, allowed: boolean): Rule {
  const pattern = normal(value);
  const isWhole = pattern.endsWith('$');
  const parts = (isWhole ? pattern.slice(0, -1) : pattern).split('*');
  return { parts, isWhole, length: pattern.length, allows: allowed };
}

/** Where two are as long as each other, the one that allows counts. */
function allows(rules: readonly Rule[], path: string): boolean {
  let strongest: Rule | null = null;
  for (const rule of rules) {
    const isStronger =
      !strongest || rule.length > strongest.length || (rule.length === strongest.length && rule.allows);
    if (isStronger && fits(rule, path)) strongest = rule;
  }
  return strongest?.allows ?? true;
}

/** The first place of each part is the best there is, so nothing is tried twice. */
function fits({ parts: [first = '', ...others], isWhole }: Rule, path: string): boolean {
  if (!path.startsWith(first)) return false;
  let at = first.length;
  const last = isWhole ? others.pop() : undefined;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  if (last !== undefined) return path.length - last.length >= at && path.endsWith(last);
  return !isWhole || at === path.length;
}

/** As an address has it: what is not ASCII in percent codes, and these in capitals. */
function normal(text: string): string {
  const encoded = text.toWellFormed().replace(/[^\u0021-\u007E]+/g, (others) => encodeURIComponent(others));
  return encoded.replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());
}
