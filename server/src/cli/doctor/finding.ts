// What the doctor says: one sentence for each thing that was looked at, and what mends it.

export interface Finding {
  /** Where: `node`, `database`, `channel Shop`. */
  readonly area: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly message: string;
  readonly mend?: string;
}

/** Findings of one area. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #area: string;

  constructor(area: string) {
    this.#area = area;
  }

  ok(message: string): void {
    this.list.push({ area: this.#area, level: 'ok', message });
  }

  warning(message: string, mend: string): void {
    this.list.push({ area: this.#area, level: 'warning', message, mend });
  }

  problem(message: string, mend: string): void {
    this.list.push({ area: this.#area, level: 'problem', message, mend });
  }
}
