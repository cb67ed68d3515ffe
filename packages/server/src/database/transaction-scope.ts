import { AsyncLocalStorage } from "node:async_hooks";
import { PoolInsideTransactionError } from "./database-error.ts";

/**
 * Knows which flow of code holds a connection of which pool, so that awaiting the pool there can be refused
 * instead of hanging. Owns no connection.
 */
interface TransactionScope {
  readonly pool: object;
  readonly parent: TransactionScope | undefined;
  /** Work that outlives the transaction (a timer, an unawaited promise) keeps its context; it may use the pool. */
  isOpen: boolean;
}

const scopes = new AsyncLocalStorage<TransactionScope>();

/** Runs `work` as the holder of a connection of `pool`. */
export async function runInTransactionScope<T>(pool: object, work: () => Promise<T>): Promise<T> {
  const scope: TransactionScope = { pool, parent: scopes.getStore(), isOpen: true };
  try {
    return await scopes.run(scope, work);
  } finally {
    scope.isOpen = false;
  }
}

/** Throws PoolInsideTransactionError when the calling flow already holds a connection of `pool`. */
export function assertOutsideTransaction(pool: object): void {
  for (let scope = scopes.getStore(); scope; scope = scope.parent) {
    if (scope.pool === pool && scope.isOpen) throw new PoolInsideTransactionError();
  }
}
