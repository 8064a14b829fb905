// What each table keeps of people, and how long: said by the module that owns it, for whoever deletes, exports and searches
// across modules. A table with a workspace that nobody declares fails a test.

/** Rows that may go once they are older than a workspace's rule for their kind. Fragments of SQL over the row, called `t`. */
export interface RetainedRows {
  readonly kind: string;
  /** Their moment. */
  readonly at: string;
  /** Which may go at all; all of them when absent. */
  readonly where?: string;
  /** What is taken out of them where the row itself stays; they are deleted when absent. `where` tells who has it still. */
  readonly set?: string;
  /** Whose rows would go along, though these are about nobody: as in `ofPeople`. Kept while one of them is held. */
  readonly keptWith?: string;
}

export interface StoredTable {
  readonly table: string;
  /** Its primary key. */
  readonly key: readonly string[];
  /** What rests here, or why nothing of it is about people outside. */
  readonly keeps: string;
  /** Which rows are about people: a condition over the row `t`, with `:people` for the list of their ids. */
  readonly ofPeople?: string;
  /** Those rows go with what they hang on, by a foreign key. */
  readonly goesAlong?: true;
  readonly retained?: readonly RetainedRows[];
  /** The name of its file in an export, without what is named in `omit`. */
  readonly exported?: { readonly as: string; readonly omit?: readonly string[] };
  /** Rows may repeat a person's words or numbers without saying whose they are: they are searched, and deleted or emptied. */
  readonly copies?: 'delete' | 'empty';
  /** Rows that somebody still works on, a condition over `t`: an erasure waits for them, and takes none of them. */
  readonly waits?: string;
  /**
   * A row may have a file in storage, under this folder, sealed with a key of its own (`file_key`), or locked with a passphrase
   * that rests nowhere: nobody looks into that.
   */
  readonly files?: { readonly folder: string; readonly locked?: true };
}

/** Puts the number of a parameter where a fragment says `:people`. */
export const withPeople = (fragment: string, parameter: number): string =>
  fragment.replaceAll(':people', `$${parameter}::uuid[]`);

/** The same for everybody but one: their id is in the parameter, the workspace's in the first. */
export const withOthers = (fragment: string, parameter: number): string =>
  fragment.replaceAll(
    'any(:people)',
    `any (select o.id from contacts o where o.workspace_id = $1 and o.id <> $${parameter}::uuid)`,
  );
