// The one interface that a contact directory implements: another system that knows who a telephone number belongs to.
import { definePort } from '../../core/context.ts';

export interface DirectoryEntry {
  readonly entryId: string;
  readonly displayName?: string;
}

export interface ContactDirectory {
  readonly name: string;
  /**
   * The first entry that is found under one of these spellings, tried in order; null when none is.
   * @throws DirectoryUnavailableError
   */
  find(variants: readonly string[], signal: AbortSignal): Promise<DirectoryEntry | null>;
  /** Asks whether the directory answers. @throws DirectoryUnavailableError */
  check(signal: AbortSignal): Promise<void>;
}

/** The directory could not be asked. `code` is stable and carries no number. */
export class DirectoryUnavailableError extends Error {
  override readonly name = 'DirectoryUnavailableError';
  readonly code: string;
  constructor(code: string, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** Null where none is configured. */
export const contactDirectory = definePort<ContactDirectory | null>('contact directory');
