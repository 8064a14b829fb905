// Writes ONNX files by hand: as much of their protobuf (onnx.proto3) as a small model needs.

type Field = readonly [number: number, value: Uint8Array | string | number | readonly Field[]];

export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

export interface Operation {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number>>;
}

interface Shape {
  readonly name: string;
  readonly type: 'f32' | 'i64';
  /** A number, or the name of one that differs from call to call. */
  readonly dims: readonly (number | string)[];
}

export interface Graph {
  readonly inputs: readonly Shape[];
  readonly outputs: readonly Shape[];
  readonly constants: readonly Tensor[];
  readonly operations: readonly Operation[];
}

/** The bytes of a model.onnx that runs these operations one after the other. */
export function encodeModel({ inputs, outputs, constants, operations }: Graph): Uint8Array {
  return message([
    [1, 8], // the version of the file format
    [
      7,
      [
        ...operations.map((operation): Field => [1, operationFields(operation)]),
        [2, 'graph'],
        ...constants.map((tensor): Field => [5, tensorFields(tensor)]),
        ...inputs.map((shape): Field => [11, shapeFields(shape)]),
        ...outputs.map((shape): Field => [12, shapeFields(shape)]),
      ],
    ],
    [8, [[2, 17]]], // the version of the operations
  ]);
}

function operationFields({ type, inputs, output, attributes = {} }: Operation): Field[] {
  return [
    ...inputs.map((name): Field => [1, name]),
    [2, output],
    [4, type],
    ...Object.entries(attributes).map(
      ([name, value]): Field => [
        5,
        [
          [1, name],
          [3, value],
          [20, 2], // an integer
        ],
      ],
    ),
  ];
}

const elementTypes = { f32: 1, i64: 7 } as const;

function tensorFields({ name, dims, values }: Tensor): Field[] {
  return [
    ...dims.map((dim): Field => [1, dim]),
    [2, values instanceof Float32Array ? elementTypes.f32 : elementTypes.i64],
    [8, name],
    [9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
  ];
}

function shapeFields({ name, type, dims }: Shape): Field[] {
  const dimensions = dims.map((dim): Field => [1, [typeof dim === 'number' ? [1, dim] : [2, dim]]]);
  return [
    [1, name],
    [
      2,
      [
        [
          1,
          [
            [1, elementTypes[type]],
            [2, dimensions],
          ],
        ],
      ],
    ],
  ];
}

function message(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)]);
      const bytes =
        typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : message(value);
      return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
    }),
  );
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}
