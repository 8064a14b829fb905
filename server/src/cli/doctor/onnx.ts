// What the doctor looks at of the ONNX models that the operator has set: their package, their folders, and whether they run.
import type { Config } from '../../core/config.ts';
import { createLogger } from '../../core/log.ts';
import { wrongIntentLabels, wrongSentimentLabels } from '../../modules/understanding/understanding.ts';
import { OnnxError } from '../../providers/onnx/folder.ts';
import { OnnxModels, type OpenedModel } from '../../providers/onnx/models.ts';
import { type Finding, Findings } from './finding.ts';

/** Half a gigabyte from a slow disk takes its time. */
const loadMsMax = 60_000;

interface Examined {
  readonly setting: 'ONNX_SENTIMENT_MODEL' | 'ONNX_INTENT_MODEL' | 'ONNX_EMBEDDING_MODEL';
  readonly wrong?: (model: OpenedModel) => string | null;
  readonly run: (model: OpenedModel, signal: AbortSignal) => Promise<unknown>;
}

const classify: Examined['run'] = (model, signal) => model.classify('Hello', signal);

const examined: readonly Examined[] = [
  { setting: 'ONNX_SENTIMENT_MODEL', wrong: wrongSentimentLabels, run: classify },
  { setting: 'ONNX_INTENT_MODEL', wrong: wrongIntentLabels, run: classify },
  { setting: 'ONNX_EMBEDDING_MODEL', run: (model, signal) => model.embed(['Hello'], 'question', signal) },
];

/** Loads each model once more, in a process of its own, and lets it read a word. */
export async function examineOnnx(config: Config): Promise<Finding[]> {
  const findings = new Findings('onnx models');
  const models = new OnnxModels({ directory: config.onnxModelsDirectory, log: createLogger('silent') });
  try {
    for (const { setting, wrong, run } of examined) {
      const folder = config[setting];
      if (folder === undefined) continue;
      try {
        const model = await models.open(folder, wrong);
        const started = performance.now();
        await run(model, AbortSignal.timeout(loadMsMax));
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        findings.ok(`${setting}: ${model.version} is there, and was loaded in ${seconds} s.`);
      } catch (error) {
        const known = error instanceof OnnxError ? error : null;
        findings.problem(
          `${setting}: ${known?.message ?? `it said nothing within ${loadMsMax / 1000} s.`}`,
          `${known?.mend ?? 'Take a smaller model.'} Then start Parley again.`,
        );
      }
    }
  } finally {
    await models.stop();
  }
  return findings.list;
}
