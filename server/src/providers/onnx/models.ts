// Models in the format ONNX that the operator has put beside Parley: opened by their folder, run by a process of their own.
// One that fails is left alone for a while, so that nobody waits for it in vain; the log tells once.
import type { Logger } from '../../core/log.ts';
import { OnnxError, type OnnxModel, readModelFolder } from './folder.ts';
import { findLibrary, OnnxProcess, runtimeFolder } from './process.ts';
import type { Probabilities, Question } from './wire.ts';

export interface OnnxOptions {
  /** Where the folders of models are. */
  readonly directory: string;
  readonly log: Logger;
  /** Where transformers.js is installed. */
  readonly runtime?: URL;
}

export interface Embedded {
  /** In the order of the texts, each of length 1. */
  readonly vectors: readonly Float32Array[];
  readonly tokens: number;
}

export class OnnxModels {
  readonly #options: OnnxOptions;
  readonly #process: OnnxProcess;

  constructor(options: OnnxOptions) {
    this.#options = options;
    this.#process = new OnnxProcess(options.directory, options.runtime);
  }

  /**
   * Looks whether it can be used; it is loaded at its first text.
   * @param wrong why its labels suit nobody, or null
   * @throws OnnxError
   */
  async open(
    folder: string,
    wrong: (model: OpenedModel) => string | null = () => null,
  ): Promise<OpenedModel> {
    findLibrary(this.#options.runtime ?? runtimeFolder);
    const model = await readModelFolder(this.#options.directory, folder);
    const opened = new OpenedModel(model, this.#process, this.#options.log);
    const reason = wrong(opened);
    if (reason) {
      throw new OnnxError(
        `The labels of ${folder} do not fit. ${reason}`,
        'Name them in its parley.json, or take another model.',
      );
    }
    return opened;
  }

  /** The same; null for none, and for one that cannot be used, of which the log tells. */
  async openIfSet(
    folder: string | undefined,
    wrong?: (model: OpenedModel) => string | null,
  ): Promise<OpenedModel | null> {
    if (folder === undefined) return null;
    try {
      return await this.open(folder, wrong);
    } catch (error) {
      if (!(error instanceof OnnxError)) throw error;
      this.#options.log.error(
        { err: error, folder, mend: error.mend },
        'an ONNX model cannot be used: what comes with Parley takes its place',
      );
      return null;
    }
  }

  /** Of the process that runs them; null where none does. */
  get processId(): number | null {
    return this.#process.id;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

const lateMax = 3;
const restMs = 60_000;

export class OpenedModel implements OnnxModel {
  readonly folder: string;
  readonly version: string;
  readonly dtype: OnnxModel['dtype'];
  readonly labels: OnnxModel['labels'];
  readonly settings: OnnxModel['settings'];
  readonly #process: OnnxProcess;
  readonly #log: Logger;
  /** Times that it was too slow, one after the other. */
  #late = 0;
  #restsUntil = 0;

  constructor(model: OnnxModel, process: OnnxProcess, log: Logger) {
    this.folder = model.folder;
    this.version = model.version;
    this.dtype = model.dtype;
    this.labels = model.labels;
    this.settings = model.settings;
    this.#process = process;
    this.#log = log;
  }

  /** The probabilities of its labels, by their own names. @throws OnnxError, also at once while it is left alone; the signal's reason */
  async classify(text: string, signal: AbortSignal): Promise<Probabilities> {
    const { results } = await this.#ask({ task: 'text-classification', texts: [text], urgent: true }, signal);
    const [said] = results;
    if (said === undefined || said instanceof Float32Array) throw new Error('no probabilities came back');
    return said;
  }

  /** @throws OnnxError, also at once while it is left alone; the signal's reason */
  async embed(
    texts: readonly string[],
    kind: 'question' | 'passage',
    signal: AbortSignal,
  ): Promise<Embedded> {
    const prefix = kind === 'question' ? this.settings.queryPrefix : this.settings.passagePrefix;
    const { results, tokens } = await this.#ask(
      {
        task: 'feature-extraction',
        texts: texts.map((text) => prefix + text),
        urgent: kind === 'question',
      },
      signal,
    );
    return { vectors: results.filter((one) => one instanceof Float32Array), tokens };
  }

  async #ask(question: Pick<Question, 'task' | 'texts' | 'urgent'>, signal: AbortSignal) {
    if (performance.now() < this.#restsUntil) {
      throw new OnnxError(
        `The model ${this.folder} has failed and is left alone for a minute.`,
        'Ask "npm run parley -- doctor" why.',
      );
    }
    try {
      const { folder, dtype, settings } = this;
      const answer = await this.#process.ask(
        { ...question, folder, dtype, pooling: settings.pooling },
        signal,
      );
      this.#late = 0;
      return answer;
    } catch (error) {
      this.#note(error, question);
      throw error;
    }
  }

  #note(error: unknown, { urgent }: Pick<Question, 'urgent'>): void {
    if (!(error instanceof OnnxError)) {
      // Nobody wanted it any more.
      if (!(error instanceof Error && error.name === 'TimeoutError')) return;
      // What nobody waits for is late because there is much of it, or because others go before it.
      if (!urgent) return;
      // Who is slow once is still loading, or has much to do.
      this.#late += 1;
      if (this.#late < lateMax) return;
    }
    this.#late = 0;
    if (performance.now() < this.#restsUntil) return;
    this.#restsUntil = performance.now() + restMs;
    this.#log.error(
      { err: error, model: this.version },
      'an ONNX model fails and is left alone for a minute',
    );
  }
}
