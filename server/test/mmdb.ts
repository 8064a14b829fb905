// Writes a database of places in MaxMind's format (https://maxmind.github.io/MaxMind-DB/), small enough to be read by eye.

type Value = string | number | boolean | { readonly [key: string]: Value } | readonly Value[];

const types = { string: 2, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 };

function control(type: number, size: number): Buffer {
  if (size >= 29) throw new Error('longer than a test needs');
  return type <= 7 ? Buffer.from([(type << 5) | size]) : Buffer.from([size, type - 7]);
}

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(types.string, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'boolean') return control(types.boolean, value ? 1 : 0);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([control(types.uint32, 4), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([control(types.array, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control(types.map, entries.length),
    ...entries.flatMap(([key, one]) => [encode(key), encode(one)]),
  ]);
}

type Node = [Node | Buffer | null, Node | Buffer | null];

/** @param places by IPv4 network, such as 203.0.113.0/24 */
export function writePlaces(places: Readonly<Record<string, Value>>): Buffer {
  const root: Node = [null, null];
  for (const [network, value] of Object.entries(places)) {
    const [address = '', length = '32'] = network.split('/');
    const bits = address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
      .slice(0, Number(length));
    let node = root;
    for (const [at, bit] of [...bits].entries()) {
      const side = Number(bit) as 0 | 1;
      if (at === bits.length - 1) node[side] = encode(value);
      else {
        const next = node[side];
        if (Buffer.isBuffer(next)) throw new Error('one network is inside another');
        const below: Node = next ?? [null, null];
        node[side] = below;
        node = below;
      }
    }
  }
  const nodes: Node[] = [];
  const collect = (node: Node) => {
    nodes.push(node);
    for (const side of node) if (side && !Buffer.isBuffer(side)) collect(side);
  };
  collect(root);
  const data: Buffer[] = [];
  const tree = Buffer.alloc(nodes.length * 6);
  for (const [at, node] of nodes.entries()) {
    for (const side of [0, 1] as const) {
      const record = node[side];
      let pointer = nodes.length;
      if (Buffer.isBuffer(record)) {
        pointer = nodes.length + 16 + data.reduce((sum, one) => sum + one.length, 0);
        data.push(record);
      } else if (record) pointer = nodes.indexOf(record);
      tree.writeUIntBE(pointer, at * 6 + side * 3, 3);
    }
  }
  const metadata = {
    node_count: nodes.length,
    record_size: 24,
    ip_version: 4,
    database_type: 'Test',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
    description: { en: 'Test' },
  };
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    ...data,
    Buffer.from('abcdef', 'hex'),
    Buffer.from('MaxMind.com'),
    encode(metadata),
  ]);
}
