// A model as bytes: a head in JSON, then typed arrays as they stand in memory (little-endian, each begun at a multiple of 8), and
// a checksum of all of it (CRC-32, against accidents and not against forgery). What is damaged, cut off or of another kind is told apart before any of it is used.
import type { z } from 'zod';

const MAGIC = 'PARLEYML';
const FORMAT = 1;
const PREFIX_LENGTH = 16;
const CHECKSUM_LENGTH = 4;
const ALIGNMENT = 8;

const ARRAY_TYPES = {
  i8: Int8Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  f32: Float32Array,
} as const;
type ArrayType = keyof typeof ARRAY_TYPES;
type ModelArray = Int8Array | Uint8Array | Uint16Array | Uint32Array | Float32Array;

export type ModelFileProblem = 'not_a_model' | 'newer_format' | 'damaged' | 'other_kind' | 'other_shape';

/** Why a model's file was not loaded; the model that was there before stays in use. */
export class ModelFileError extends Error {
  readonly problem: ModelFileProblem;
  constructor(problem: ModelFileProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ModelFileError';
    this.problem = problem;
  }
}

export interface ModelFile<Head> {
  /** What kind of model it is, and which version of that: "intent/1". */
  readonly kind: string;
  readonly head: Head;
  readonly arrays: Readonly<Record<string, ModelArray>>;
}

interface Envelope {
  kind: string;
  head: unknown;
  arrays: { name: string; type: ArrayType; length: number }[];
}

export function writeModelFile({ kind, head, arrays }: ModelFile<unknown>): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(arrays);
  const envelope: Envelope = {
    kind,
    head,
    arrays: entries.map(([name, array]) => ({ name, type: typeOf(array), length: array.length })),
  };
  const json = new TextEncoder().encode(JSON.stringify(envelope));
  let size = aligned(PREFIX_LENGTH + json.length);
  for (const [, array] of entries) size += aligned(array.byteLength);
  const bytes = new Uint8Array(size + CHECKSUM_LENGTH);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, FORMAT, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, PREFIX_LENGTH);
  let offset = aligned(PREFIX_LENGTH + json.length);
  for (const [, array] of entries) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), offset);
    offset += aligned(array.byteLength);
  }
  view.setUint32(size, crc32(bytes.subarray(0, size)), true);
  return bytes;
}

/**
 * Reads what `writeModelFile` wrote. The arrays are copies. That they fit one another is for the caller to check with `arrayOf`.
 * @throws {ModelFileError} for anything else
 */
export function readModelFile<Head>(
  bytes: Uint8Array,
  kind: string,
  headSchema: z.ZodType<Head>,
): ModelFile<Head> {
  if (
    bytes.length < PREFIX_LENGTH + CHECKSUM_LENGTH ||
    new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC
  )
    throw new ModelFileError('not_a_model', 'This is not a model of Parley.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = view.getUint32(8, true);
  if (format > FORMAT)
    throw new ModelFileError(
      'newer_format',
      `This model has format ${format}; this Parley reads up to ${FORMAT}.`,
    );
  const size = bytes.length - CHECKSUM_LENGTH;
  if (crc32(bytes.subarray(0, size)) !== view.getUint32(size, true))
    throw new ModelFileError('damaged', 'This model is damaged or cut off: its checksum does not match.');
  // From here on it is what somebody wrote on purpose, and still not trusted.
  const jsonEnd = PREFIX_LENGTH + view.getUint32(12, true);
  const envelope = parseEnvelope(bytes.subarray(PREFIX_LENGTH, Math.min(size, jsonEnd)));
  if (envelope.kind !== kind)
    throw new ModelFileError('other_kind', `This model is ${envelope.kind}, and not ${kind}.`);
  const arrays: Record<string, ModelArray> = {};
  let offset = aligned(jsonEnd);
  for (const { name, type, length } of envelope.arrays) {
    const shape = ARRAY_TYPES[type];
    const end = offset + length * shape.BYTES_PER_ELEMENT;
    if (!(length >= 0) || end > size) throw otherShape(`The array ${name} is longer than the file.`);
    // A copy: a Buffer would slice itself without one, and arrays must begin at a multiple of their size.
    arrays[name] = new shape(Uint8Array.from(bytes.subarray(offset, end)).buffer);
    offset = aligned(end);
  }
  const head = headSchema.safeParse(envelope.head);
  if (!head.success) throw otherShape('The head of this model has another shape.', head.error);
  return { kind, head: head.data, arrays };
}

/** One array of a model's file, of the type and length that the others need. @throws {ModelFileError} */
export function arrayOf<T extends ArrayType>(
  file: ModelFile<unknown>,
  name: string,
  type: T,
  length?: number,
): InstanceType<(typeof ARRAY_TYPES)[T]> {
  const array = Object.hasOwn(file.arrays, name) ? file.arrays[name] : undefined;
  if (!(array instanceof ARRAY_TYPES[type]))
    throw otherShape(`This model has no array ${name} of type ${type}.`);
  if (length !== undefined && array.length !== length)
    throw otherShape(`The array ${name} has ${array.length} elements, and not ${length}.`);
  return array as InstanceType<(typeof ARRAY_TYPES)[T]>;
}

function parseEnvelope(bytes: Uint8Array): Envelope {
  try {
    const envelope = JSON.parse(new TextDecoder().decode(bytes)) as Envelope;
    const isWhole =
      typeof envelope.kind === 'string' &&
      envelope.arrays.every(
        ({ name, type, length }) =>
          typeof name === 'string' && Object.hasOwn(ARRAY_TYPES, type) && Number.isSafeInteger(length),
      );
    if (isWhole) return envelope;
  } catch (error) {
    throw otherShape('The head of this model cannot be read.', error);
  }
  throw otherShape('The head of this model has another shape.');
}

function otherShape(message: string, cause?: unknown): ModelFileError {
  return new ModelFileError('other_shape', message, { cause });
}

function typeOf(array: ModelArray): ArrayType {
  for (const [type, shape] of Object.entries(ARRAY_TYPES))
    if (array instanceof shape) return type as ArrayType;
  throw new TypeError('a model has no arrays of this type');
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1)
    value = (CRC_TABLE[(value ^ (bytes[at] as number)) & 255] as number) ^ (value >>> 8);
  return ~value >>> 0;
}
