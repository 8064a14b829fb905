// Models that were opened, kept within a limit of memory: an opened one takes several times what its file does, and files differ.

/** Those that were used longest ago make room. */
export class OpenedModels<Model> {
  readonly #bytesMax: number;
  readonly #models = new Map<string, { readonly model: Model; readonly bytes: number }>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(id: string): Model | undefined {
    const known = this.#models.get(id);
    if (!known) return undefined;
    this.#models.delete(id);
    this.#models.set(id, known);
    return known.model;
  }

  /** One that is larger than the limit is not kept. `bytes` are those of its numbers unless given. */
  set(id: string, model: Model, bytes = bytesOf(model)): void {
    this.#drop(id);
    this.#models.set(id, { model, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#models.keys()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#drop(oldest);
    }
  }

  #drop(id: string): void {
    this.#bytes -= this.#models.get(id)?.bytes ?? 0;
    this.#models.delete(id);
  }
}

/** Of its numbers, beside which nothing else counts. */
export function bytesOf(part: unknown): number {
  if (ArrayBuffer.isView(part)) return part.byteLength;
  if (typeof part !== 'object' || part === null) return 0;
  return Object.values(part).reduce((sum: number, value) => sum + bytesOf(value), 0);
}
