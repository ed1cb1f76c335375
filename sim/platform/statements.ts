import { constants, type DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** Statements that a read may be made of: everything else writes. */
const READING: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_FUNCTION,
  constants.SQLITE_RECURSIVE,
]);
const WRITING: ReadonlySet<number> = new Set([
  constants.SQLITE_INSERT,
  constants.SQLITE_UPDATE,
  constants.SQLITE_DELETE,
]);
/** Functions that give something else each time, whatever the tables hold. */
const UNSTEADY = /^(random|randomblob|changes|total_changes|last_insert_rowid)$|date|time|julian/;

export type Row = Record<string, unknown>;

/** How often a table was written. */
interface Table {
  writes: number;
}

/** What a statement does, in SQLite's own words. */
interface Uses {
  reads: Set<string>;
  writes: Set<string>;
  /** Whether the same tables and values give the same rows. */
  isSteady: boolean;
  /** Whether it changes what no list of tables says. */
  isUpheaval: boolean;
}

/** One statement of a database, compiled once. */
export class Statement {
  /** Whether it gives rows: asking SQLite costs more than running it. */
  readonly hasRows: boolean;
  readonly #owner: Statements;
  readonly #statement: StatementSync;
  readonly #reads: readonly Table[];
  readonly #writes: readonly Table[];
  readonly #isRepeatable: boolean;
  readonly #isUpheaval: boolean;
  #rows: readonly Row[] = [];
  #values: readonly SQLInputValue[] = [];
  /** What `#stamp` was for these rows; less than any before there are some. */
  #readAt = -1;

  constructor(owner: Statements, statement: StatementSync, uses: Uses) {
    this.#owner = owner;
    this.#statement = statement;
    this.#reads = [...uses.reads].map((name) => owner.table(name));
    this.#writes = [...uses.writes].map((name) => owner.table(name));
    this.#isUpheaval = uses.isUpheaval;
    this.#isRepeatable = uses.isSteady && !uses.isUpheaval && uses.writes.size === 0;
    this.hasRows = statement.columns().length > 0;
  }

  /** All rows, which are not to be changed: the next caller may get the same ones. */
  all(values: readonly SQLInputValue[]): readonly Row[] {
    if (!this.#isRepeatable) {
      this.#written();
      return this.#statement.all(...values);
    }
    const stamp = this.#stamp();
    if (stamp === this.#readAt && isEqual(values, this.#values)) return this.#rows;
    this.#readAt = -1;
    this.#rows = this.#statement.all(...values);
    this.#values = values;
    this.#readAt = stamp;
    return this.#rows;
  }

  /** Runs it; how many rows it wrote. */
  run(values: readonly SQLInputValue[]): number {
    this.#written();
    return Number(this.#statement.run(...values).changes);
  }

  #written(): void {
    if (this.#isUpheaval) this.#owner.upheavals += 1;
    for (const table of this.#writes) table.writes += 1;
  }

  /** Grows with every write of what it reads. */
  #stamp(): number {
    let stamp = this.#owner.upheavals;
    for (const table of this.#reads) stamp += table.writes;
    return stamp;
  }
}

/**
 * The statements of a database, each compiled once. A read that is repeated is not run again until somebody writes a
 * table that it reads; so whoever writes, or rolls back, does it through here.
 */
export class Statements {
  /** How often anything may have changed: by a rollback, or new tables. */
  upheavals = 0;
  readonly #database: DatabaseSync;
  readonly #byText = new Map<string, Statement>();
  readonly #tables = new Map<string, Table>();

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Those of a database: the same ones for everybody. */
  static of(database: DatabaseSync): Statements {
    const known = all.get(database);
    if (known) return known;
    const statements = new Statements(database);
    all.set(database, statements);
    return statements;
  }

  /** @throws Error of SQLite's own for what it does not understand. */
  prepare(text: string): Statement {
    const known = this.#byText.get(text);
    if (known) return known;
    const [native, uses] = compile(this.#database, text);
    const statement = new Statement(this, native, uses);
    this.#byText.set(text, statement);
    return statement;
  }

  /** Runs texts of any number of statements: tables are made so. */
  exec(texts: string): void {
    this.upheavals += 1;
    this.#database.exec(texts);
  }

  table(name: string): Table {
    const known = this.#tables.get(name);
    if (known) return known;
    const table: Table = { writes: 0 };
    this.#tables.set(name, table);
    return table;
  }
}

const all = new WeakMap<DatabaseSync, Statements>();

/** The same text does the same in every database where it compiles: all of one kind have the same tables. */
const usesOf = new Map<string, Uses>();

function compile(database: DatabaseSync, text: string): [StatementSync, Uses] {
  const known = usesOf.get(text);
  if (known) return [database.prepare(text), known];
  const uses: Uses = { reads: new Set(), writes: new Set(), isSteady: true, isUpheaval: false };
  database.setAuthorizer((action, name, detail) => {
    if (action === constants.SQLITE_READ) uses.reads.add(name ?? "");
    else if (WRITING.has(action)) uses.writes.add(name ?? "");
    else if (!READING.has(action) && !isQuiet(action, name)) uses.isUpheaval = true;
    else if (UNSTEADY.test(detail ?? "")) uses.isSteady = false;
    return constants.SQLITE_OK;
  });
  try {
    const statement = database.prepare(text);
    usesOf.set(text, uses);
    return [statement, uses];
  } finally {
    database.setAuthorizer(null);
  }
}

/** Beginnings and ends of transactions change nothing but by a rollback. */
function isQuiet(action: number, name: string | null): boolean {
  const isOfTransaction =
    action === constants.SQLITE_TRANSACTION || action === constants.SQLITE_SAVEPOINT;
  return isOfTransaction && name !== "ROLLBACK";
}

function isEqual(a: readonly SQLInputValue[], b: readonly SQLInputValue[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!Object.is(a[index], b[index])) return false;
  return true;
}
