// What must not be deleted: asked by whoever deletes, answered by the module that knows of legal holds.
import { definePort, type TransactionContext } from './context.ts';

export interface Holds {
  /**
   * Call it first in the transaction that deletes: nobody sets another hold before that ends.
   * @param contactIds whose it is; none: only a hold on the whole workspace counts
   * @throws ParleyError 409 `legal_hold`
   */
  refuse(tx: TransactionContext, contactIds: readonly string[]): Promise<void>;
}

export const holdsPort = definePort<Holds>('legal holds');
