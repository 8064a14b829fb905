// A JSON Schema without its regular expressions: one may take for ever over what a contact got a model to say, and with it
// every conversation of the process. The model reads them, and the server that is called judges by them. Pure.

/** What stands in them is data, whatever it looks like. */
const values: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples']);
/** Their keys are names of the workspace's own, and no words of a schema. */
const maps: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions', 'dependentSchemas']);

export function withoutPatterns(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutPatterns);
  if (typeof schema !== 'object' || schema === null) return schema;
  // Properties that a pattern would have allowed are no others.
  const left = 'patternProperties' in schema ? new Set(['patternProperties', 'additionalProperties']) : null;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => key !== 'pattern' && !left?.has(key))
      .map(([key, value]) => {
        if (values.has(key)) return [key, value];
        return [key, maps.has(key) ? inEach(value) : withoutPatterns(value)];
      }),
  );
}

function inEach(map: unknown): unknown {
  if (typeof map !== 'object' || map === null) return map;
  return Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, withoutPatterns(schema)]));
}
