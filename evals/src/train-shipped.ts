// `npm run evals -- train-shipped [NAME …] --data DIR --seed S`: makes the models that ship anew, each with its card.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EvalInput, formatValue, type Row } from './rows.ts';
import { modelDirectory, SHIPPED_MODELS } from './shipped-models.ts';

/** @throws where there is no such model, or its data is missing; a model that was not made anew stays as it was */
export async function trainShipped(names: readonly string[], input: EvalInput): Promise<void> {
  const known = SHIPPED_MODELS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`No model called ${unknown.join(', ')} ships. There are: ${known.join(', ')}.`);
  for (const { name, title, card, make, measure } of SHIPPED_MODELS) {
    if (names.length > 0 && !names.includes(name)) continue;
    const startedAt = performance.now();
    const bytes = make(input.dataDirectory, input.seed);
    const seconds = (performance.now() - startedAt) / 1000;
    writeFileSync(join(modelDirectory, `${name}.bin`), bytes);
    console.log(`${name}.bin: ${bytes.length} bytes, made in ${seconds.toFixed(0)} s`);
    const rows = await measure({ ...input, split: 'dev' });
    writeFileSync(
      join(modelDirectory, `${name}.md`),
      [
        `# ${title}`,
        card,
        `## Figures\n\nOn the dev parts, where it did not learn from them.\n\n${table(rows)}`,
        `Made on ${new Date().toISOString().slice(0, 10)} with seed ${input.seed}:\n\n\`\`\`sh\nnpm ci --prefix evals/training --ignore-scripts\nnpm run evals -- train-shipped ${name} --data DIR\n\`\`\`\n`,
      ].join('\n\n'),
    );
  }
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ set, metric, value, unit, count }) =>
      `| ${set} | ${metric} | ${formatValue(value, unit)} | ${count} |`,
  );
  return ['| set | figure | value | rows |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
