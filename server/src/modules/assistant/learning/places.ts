// Places in the order in which something was last said in conversations. Moments are text: the database knows them more
// exactly than a Date does.

export interface Place {
  readonly at: string;
  readonly id: string;
}

/** Before and behind every other id. */
export const firstId = '00000000-0000-0000-0000-000000000000';
export const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
