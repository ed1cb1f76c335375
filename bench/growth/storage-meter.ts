/** What a piece of work did to an object's storage, as the runtime counts it. */
export interface Work {
  /** Rows that SQLite looked at: what the platform bills as read. */
  rowsRead: number;
  /** Rows and index entries written: what the platform bills as written, but for alarms. */
  rowsWritten: number;
  /** Alarms set: each is billed as one row written. */
  alarms: number;
  /** Transactions that wrote something. */
  commits: number;
  /** Every statement that ran, once, with values to explain it by. */
  statements: Map<string, SqlStorageValue[]>;
}

/** Counts the rows of one object's storage while a measured piece of work runs, and nothing else. */
export class StorageMeter {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Runs a piece of work and says what it did. */
  async measure(run: () => Promise<void>): Promise<Work> {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const work: Work = {
      rowsRead: 0,
      rowsWritten: 0,
      alarms: 0,
      commits: 0,
      statements: new Map(),
    };
    const { sql } = this.#storage;
    const written = (): number => cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
    let depth = 0;
    const undo = [
      replace(sql, "exec", (exec) => (query, ...values) => {
        const cursor = exec.call(sql, query, ...(values as SqlStorageValue[]));
        cursors.push(cursor);
        work.statements.set(query, values as SqlStorageValue[]);
        return cursor as never;
      }),
      replace(this.#storage, "transactionSync", (transactionSync) => (closure) => {
        const before = written();
        depth += 1;
        try {
          return transactionSync.call(this.#storage, closure) as never;
        } finally {
          depth -= 1;
          if (depth === 0 && written() > before) work.commits += 1;
        }
      }),
      replace(this.#storage, "setAlarm", (setAlarm) => (atMs) => {
        work.alarms += 1;
        return setAlarm.call(this.#storage, atMs);
      }),
    ];
    try {
      await run();
    } finally {
      for (const giveBack of undo) giveBack();
    }
    work.rowsRead = cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    work.rowsWritten = written();
    return work;
  }

  /** How SQLite goes about the statements of a piece of work: a line a step, in the order of the statements' texts. */
  plans(statements: Work["statements"]): string[] {
    return [...statements]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([query, values]) =>
        this.#storage.sql
          .exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...values)
          .toArray()
          .map(({ detail }) => detail),
      );
  }
}

/** Puts another method in front of an object's own; what gives the own one back. */
function replace<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  by: (own: Owner[Name]) => Owner[Name],
): () => void {
  const own = owner[name];
  owner[name] = by(own);
  return () => {
    delete (owner as Partial<Owner>)[name];
  };
}
