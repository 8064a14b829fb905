// Vectors of neighbouring passages as they rest: what one row seals.
export const vectorsPlace = (row: {
  readonly documentId: string;
  readonly version: number | string;
  readonly model: string;
  readonly first: number | string;
}) => `knowledge_vectors.vectors:${row.documentId}:${row.version}:${row.model}:${row.first}`;

export interface PassageVector {
  /** Of the passage: a hash of its text, as 16 hexadecimal digits. */
  readonly id: string;
  /** Of the passage in its document. */
  readonly place: number;
  /** See `toBytes`. */
  readonly vector: Int8Array;
}

const idBytes = 8;
const headBytes = 2;
const entryHeadBytes = idBytes + 4;

/** How many numbers each vector has, then for each its passage's id and place, and its numbers. */
export function encodeVectors(vectors: readonly PassageVector[]): Buffer {
  const dimensions = vectors[0]?.vector.length ?? 0;
  const entryBytes = entryHeadBytes + dimensions;
  const bytes = Buffer.alloc(headBytes + vectors.length * entryBytes);
  bytes.writeUInt16LE(dimensions);
  vectors.forEach(({ id, place, vector }, index) => {
    const at = headBytes + index * entryBytes;
    bytes.write(id, at, idBytes, 'hex');
    bytes.writeUInt32LE(place, at + idBytes);
    bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, vector.length), at + entryHeadBytes);
  });
  return bytes;
}

export function decodeVectors(bytes: Buffer): PassageVector[] {
  const dimensions = bytes.readUInt16LE();
  const vectors: PassageVector[] = [];
  for (let at = headBytes; at < bytes.length; at += entryHeadBytes + dimensions) {
    const numbers = bytes.subarray(at + entryHeadBytes, at + entryHeadBytes + dimensions);
    vectors.push({
      id: bytes.toString('hex', at, at + idBytes),
      place: bytes.readUInt32LE(at + idBytes),
      vector: new Int8Array(numbers),
    });
  }
  return vectors;
}
