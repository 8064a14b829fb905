// What tells that something is of one person: their addresses, their names, what they said. In the forms in which it can
// stand in a row: as it is, in JSON, in a form that a browser posts. Pure.

export interface Needle {
  readonly what: 'address' | 'name' | 'text';
  readonly value: string;
}

/** Shorter ones stand in anything. */
const addressMin = 6;
const nameMin = 3;
const textMin = 12;

/** From addresses, names and texts: without what is too short to tell anybody by, each once. */
export function needlesOf(known: {
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  readonly texts: readonly string[];
}): Needle[] {
  const distinct = (values: readonly string[], lengthMin: number, what: Needle['what']) =>
    [...new Set(values.map((value) => value.trim()))]
      .filter((value) => value.length >= lengthMin)
      .map((value) => ({ what, value }));
  // A number is found with and without its plus, and inside a form.
  const addresses = known.addresses.map((address) => (/^\+\d+$/.test(address) ? address.slice(1) : address));
  return [
    ...distinct(addresses, addressMin, 'address'),
    ...distinct(known.names, nameMin, 'name'),
    ...distinct(known.texts, textMin, 'text'),
  ];
}

/** How a value may be written where it stands. */
export function formsOf(value: string): string[] {
  const escaped = JSON.stringify(value).slice(1, -1);
  const encoded = encodeURIComponent(value.toWellFormed());
  // As node's querystring and as URLSearchParams write a form.
  const posted = new URLSearchParams([['', value]]).toString().slice(1);
  return [
    ...new Set([
      value,
      escaped,
      JSON.stringify(escaped).slice(1, -1),
      encoded,
      encoded.replaceAll('%20', '+'),
      posted,
    ]),
  ];
}

export type Finder = (text: string) => ReadonlySet<Needle['what']>;

/** Tells of what kinds something stands in a text. */
export function finderOf(needles: readonly Needle[]): Finder {
  const forms = needles.flatMap(({ what, value }) => formsOf(value).map((form) => ({ what, form })));
  const none: ReadonlySet<Needle['what']> = new Set();
  return (text) => {
    let found: Set<Needle['what']> | null = null;
    for (const { what, form } of forms) {
      if (found?.has(what) || !text.includes(form)) continue;
      found ??= new Set();
      found.add(what);
    }
    return found ?? none;
  };
}

/** The same for `like` over a row as PostgreSQL writes it, where bytes are hexadecimal. */
export function patternsOf(needles: readonly Needle[]): string[] {
  const literally = (text: string) => text.replaceAll(/[\\%_]/g, (special) => `\\${special}`);
  return needles.flatMap(({ value }) =>
    formsOf(value).flatMap((form) => [`%${literally(form)}%`, `%${Buffer.from(form).toString('hex')}%`]),
  );
}
