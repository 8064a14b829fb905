// Parts the app's words by language, so that a member loads those of theirs only. In the sources the three languages of a
// feature stand side by side (`defineTexts`); here each language of a part becomes a file, and the module that defined
// them keeps where to find them (src/lib/texts-parts.ts has the other half).
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { type Plugin, parseAst } from 'vite';

const languages = ['en', 'es', 'pt'] as const;
/** What the first page says, and what may be said on every page. Any other feature is a part of its own. */
const firstFeatures = new Set(['conversations', 'notifications', 'offline', 'palette']);
/**
 * But for what stands beside the thread, what only some threads say, and what explains an answer; and the palette needs no
 * more of the assistant than its sections' names.
 */
const laterTexts: Readonly<Record<string, string>> = {
  'features/conversations/texts-details': 'details',
  'features/conversations/texts-failures': 'failures',
  'features/conversations/texts-models': 'models',
  'features/conversations/texts-remedies': 'failures',
  'features/conversations/texts-answers': 'answers',
  'features/assistant/texts-sections': 'sections',
};
const textsFile = /[/-]texts(?:-[a-z]+)?\.ts$/;
const virtual = '\0parley-texts/';

interface Definition {
  readonly start: number;
  readonly end: number;
  readonly words: Readonly<Record<string, string>>;
}

/** @param source the folder of the app's modules */
export function partTexts(source: string): Plugin {
  const partsModule = resolve(source, 'lib/texts-parts.ts');
  const partsOf = new Map<string, string[]>();
  const keyOf = (file: string) => relative(source, file).replace(/\.ts$/, '');
  return {
    name: 'parley-part-texts',
    apply: 'build',
    enforce: 'pre',
    buildStart: async () => {
      const { glob } = await import('node:fs/promises');
      partsOf.clear();
      const files: string[] = [];
      for await (const file of glob('**/*.ts', { cwd: source })) files.push(resolve(source, file));
      for (const file of files.sort()) {
        if (!isTexts(file)) continue;
        const part = partOf(keyOf(file));
        partsOf.set(part, [...(partsOf.get(part) ?? []), file]);
      }
    },
    resolveId: (id) => (id.startsWith(virtual) ? id : null),
    load: async (id) => {
      if (id === partsModule) return partsCode([...partsOf.keys()]);
      if (!id.startsWith(virtual)) return null;
      const [part = '', language = ''] = id.slice(virtual.length).replace(/\.ts$/, '').split('.');
      const words: string[] = [];
      for (const file of partsOf.get(part) ?? []) {
        const definition = readDefinition(await readFile(file, 'utf8'), file);
        words.push(`${JSON.stringify(keyOf(file))}: ${definition.words[language]}`);
      }
      return `export const words = {\n${words.join(',\n')}\n};`;
    },
    transform: (code, id) => {
      if (!isTexts(id) || !id.startsWith(source)) return null;
      const { start, end } = readDefinition(code, id);
      const key = keyOf(id);
      const found = `/* @__PURE__ */ textsOf(${JSON.stringify(partOf(key))}, ${JSON.stringify(key)})`;
      const imported = `import { textsOf } from ${JSON.stringify(partsModule)};\n`;
      return { code: imported + code.slice(0, start) + found + code.slice(end), map: null };
    },
  };
}

const isTexts = (file: string) => textsFile.test(file) && !/\/lib\/texts(?:-parts)?\.ts$/.test(file);

function partOf(key: string): string {
  const later = laterTexts[key];
  if (later) return later;
  const feature = /^features\/([^/]+)\//.exec(key)?.[1];
  return feature === undefined || firstFeatures.has(feature) ? 'first' : feature;
}

/** @throws Error where a file has anything but one definition: its words would lack what they are made with */
function readDefinition(code: string, file: string): Definition {
  const [, exported, ...others] = parseAst(code, { lang: 'ts' }).body;
  const declared =
    exported?.type === 'ExportNamedDeclaration' && exported.declaration?.type === 'VariableDeclaration'
      ? exported.declaration.declarations[0]?.init
      : null;
  const given = declared?.type === 'CallExpression' ? declared.arguments[0] : null;
  if (others.length > 0 || declared?.type !== 'CallExpression' || given?.type !== 'ObjectExpression')
    throw new Error(`${file}: a file of texts has one import and one definition.`);
  const words = Object.fromEntries(
    given.properties.flatMap((property) =>
      property.type === 'Property' && property.key.type === 'Identifier'
        ? [[property.key.name, code.slice(property.value.start, property.value.end)]]
        : [],
    ),
  );
  for (const language of languages) if (!words[language]) throw new Error(`${file}: has no ${language}.`);
  return { start: declared.start, end: declared.end, words };
}

/** Stands in for src/lib/texts-parts.ts. A component that needs what has not come waits for it as for a lazy one. */
function partsCode(parts: readonly string[]): string {
  const importers = parts.map((part) => {
    const ofLanguages = languages.map(
      (language) => `${language}: () => import(${JSON.stringify(`${virtual}${part}.${language}.ts`)})`,
    );
    return `${JSON.stringify(part)}: { ${ofLanguages.join(', ')} }`;
  });
  return `
const importers = { ${importers.join(', ')} };
const asked = new Map();
function ask(part, language) {
  const name = part + ' ' + language;
  let state = asked.get(name);
  if (!state) {
    state = { words: null, error: null };
    state.coming = importers[part][language]().then(
      ({ words }) => { state.words = words; },
      (error) => { state.error = error; throw error; },
    );
    state.coming.catch(() => undefined);
    asked.set(name, state);
  }
  return state;
}
function wordsOf(part, language, key) {
  const state = ask(part, language);
  if (state.words) return state.words[key];
  throw state.error ?? state.coming;
}
const needed = new Set(['first']);
let spoken = null;
export const hasTexts = (language) => [...needed].every((part) => asked.get(part + ' ' + language)?.words);
export const loadTexts = async (language) => {
  spoken = language;
  await Promise.all([...needed].map((part) => ask(part, language).coming));
};
export function textsOf(part, key) {
  needed.add(part);
  // What needs them is loaded: it will be drawn soon.
  if (spoken) ask(part, spoken);
  return {
${languages.map((language) => `    get ${language}() { return wordsOf(part, '${language}', key); },`).join('\n')}
  };
}
`;
}
