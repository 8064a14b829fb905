// What all modules say of their tables, gathered by the composition root.
import { definePort } from '../../core/context.ts';
import type { Module } from '../../core/module.ts';
import type { SealedColumn } from '../../core/rotation.ts';
import type { StoredTable } from '../../core/stored-tables.ts';

export interface Declared {
  /** Those of conversations last: by its rows the others know whom theirs are about. */
  readonly tables: readonly StoredTable[];
  readonly sealed: readonly SealedColumn[];
}

export const declaredTables = definePort<Declared>('declared tables');

/** @param modules lower floors first */
export function gatherDeclared(modules: readonly Module[]): Declared {
  const hasContacts = (module: Module) => module.stored?.some(({ table }) => table === 'contacts') === true;
  const ordered = modules
    .toReversed()
    .toSorted((one, other) => Number(hasContacts(one)) - Number(hasContacts(other)));
  return {
    tables: ordered.flatMap((module) => module.stored ?? []),
    sealed: modules.flatMap((module) => module.sealed ?? []),
  };
}
