// Keeps the process that runs models: started at the first text, started again after it ended, and never waited for longer
// than whoever asks wants to wait.
import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OnnxError } from './folder.ts';
import type { Answer, Question, Said } from './wire.ts';

const pathTo = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A folder of its own, so that nobody fetches half a gigabyte who does not need it. */
export const runtimeFolder = new URL('../../../onnx/', import.meta.url);
const installCommand = 'npm ci --prefix server/onnx --ignore-scripts';

/** The file of transformers.js. @throws OnnxError where it is not installed */
export function findLibrary(folder: URL = runtimeFolder): string {
  try {
    return createRequire(new URL('package.json', folder)).resolve('@huggingface/transformers');
  } catch (error) {
    throw new OnnxError(
      'The package that runs ONNX models, @huggingface/transformers, is not installed.',
      `In the folder of Parley run "${installCommand}".`,
      { cause: error },
    );
  }
}

/** It reads its code and the models, and writes nothing; what is native in it is bound by no more than its user's rights. */
const confinement = (library: string, directory: string) => [
  '--permission',
  '--allow-addons',
  '--disable-warning=SecurityWarning',
  ...[
    pathTo('./'),
    pathTo('../../../package.json'),
    library.slice(0, library.lastIndexOf(`${sep}node_modules${sep}@huggingface`) + 1),
    directory,
  ].map((path) => `--allow-fs-read=${path}`),
];

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A child that is gone takes nothing more: its end tells those who wait. */
const untold = () => undefined;

/** One that has said nothing for so long hangs. */
const silentMsMax = 60_000;

export class OnnxProcess {
  readonly #directory: string;
  readonly #runtime: URL;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | null = null;
  #lastId = 0;
  #heardAt = 0;
  #stopped = false;

  constructor(directory: string, runtime: URL = runtimeFolder) {
    this.#directory = directory;
    this.#runtime = runtime;
  }

  /** @throws OnnxError; the signal's reason when it aborts */
  ask(question: Omit<Question, 'id'>, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const child = this.#child ?? this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    if (this.#pending.size === 0) this.#heardAt = performance.now();
    return new Promise<Answer>((resolve, reject) => {
      const onAbort = () => {
        this.#forget(id);
        reject(signal.reason as Error);
        if (performance.now() - this.#heardAt > silentMsMax) child.kill('SIGKILL');
        else if (child.connected) child.send({ cancelled: id }, untold);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const settle = () => {
        this.#forget(id);
        signal.removeEventListener('abort', onAbort);
      };
      this.#pending.set(id, {
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      child.channel?.ref();
      child.send({ ...question, id }, untold);
    });
  }

  get id(): number | null {
    return this.#child?.pid ?? null;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.ref();
      child.once('exit', resolve);
      child.kill('SIGKILL');
    });
  }

  #start(): ChildProcess {
    if (this.#stopped) throw new OnnxError('Parley is stopping.', 'Start it again.');
    const library = findLibrary(this.#runtime);
    const directory = realpathSync(this.#directory);
    const child = spawn(
      process.execPath,
      [...confinement(library, directory), pathTo('./main.ts'), library, directory],
      { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], serialization: 'advanced' },
    );
    child.on('message', (said: Said) => this.#hear(said));
    const end = () => {
      if (this.#child !== child) return;
      this.#child = null;
      for (const { reject } of this.#pending.values()) {
        reject(
          new OnnxError(
            'The process that runs ONNX models has ended.',
            'It may have needed more memory than there is, or the file of the model is damaged.',
          ),
        );
      }
    };
    child.once('exit', end);
    // Each of several writes to it may fail.
    child.on('error', end);
    child.unref();
    this.#child = child;
    return child;
  }

  /** Parley goes on for the sake of an answer that is waited for, and of nothing else here. */
  #forget(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#child?.channel?.unref();
  }

  #hear(said: Said): void {
    this.#heardAt = performance.now();
    const pending = this.#pending.get(said.id);
    if (!pending) return;
    if (!('error' in said)) pending.resolve(said);
    else {
      pending.reject(
        new OnnxError(
          `The model cannot be run: ${said.error.slice(0, 500)}`,
          'Fetch its files again, or take another model.',
        ),
      );
    }
  }
}
