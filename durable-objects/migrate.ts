/**
 * Brings an object's tables up to date: runs the migrations that it has not run, in order. The list
 * is append-only; a migration that has shipped never changes. Synchronous, for use in a constructor.
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[]): void {
  storage.transactionSync(() => {
    const { sql } = storage;
    sql.exec("CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY) STRICT");
    const done = sql
      .exec<{ version: number }>("SELECT coalesce(max(version), 0) AS version FROM migration")
      .one().version;
    for (const [index, statements] of migrations.entries()) {
      if (index < done) continue;
      sql.exec(statements);
      sql.exec("INSERT INTO migration (version) VALUES (?)", index + 1);
    }
  });
}
