import {
  constants,
  type DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementSync,
} from "node:sqlite";

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
/**
 * SQLite plans by the value of a bare limit, and so compiles such a statement anew whenever it runs: some reads of D1
 * cost five times as much by that. By an expression it does not plan.
 */
const BOUND_LIMIT = /(\blimit )\?/gi;
/** Functions that give something else each time, whatever the tables hold. */
const UNSTEADY = /^(random|randomblob|changes|total_changes|last_insert_rowid)$|date|time|julian/;

export type Row = Record<string, unknown>;

/** Makes an object of a row of values. */
type MakeRow = (values: readonly SQLOutputValue[]) => Row;

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
  /** Whether it makes tables or changes them. */
  makesTables: boolean;
}

/** What a statement is to those who run it. */
export type Prepared = Pick<Statement, "hasRows" | "gaveBlobs" | "all" | "run">;

/** One statement of a database, compiled once. */
export class Statement {
  /** Whether it gives rows: asking SQLite costs more than running it. */
  readonly hasRows: boolean;
  /** Whether there was a blob in the rows that SQLite gave last. */
  gaveBlobs = false;
  readonly makesTables: boolean;
  readonly #owner: Statements;
  readonly #statement: StatementSync;
  readonly #reads: readonly Table[];
  readonly #writes: readonly Table[];
  readonly #isRepeatable: boolean;
  readonly #isUpheaval: boolean;
  #columns: readonly string[];
  #rowOf: MakeRow;
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
    this.makesTables = uses.makesTables;
    this.#isRepeatable = uses.isSteady && !uses.isUpheaval && uses.writes.size === 0;
    this.#columns = columnsOf(statement);
    this.#rowOf = makerOf(this.#columns);
    this.hasRows = this.#columns.length > 0;
    if (this.hasRows) statement.setReturnArrays(true);
  }

  /** All rows, which are not to be changed: the next caller may get the same ones. */
  all(values: readonly SQLInputValue[]): readonly Row[] {
    if (!this.#isRepeatable) {
      this.#written();
      return this.#read(values);
    }
    const stamp = this.#stamp();
    if (stamp === this.#readAt && isEqual(values, this.#values)) return this.#rows;
    this.#readAt = -1;
    this.#rows = this.#read(values);
    this.#values = values;
    this.#readAt = stamp;
    return this.#rows;
  }

  /** Runs it; how many rows it wrote. */
  run(values: readonly SQLInputValue[]): number {
    this.#written();
    if (this.#writes.length === 0) {
      // What it would say of changes costs more than a savepoint.
      this.#statement.get(...values);
      return 0;
    }
    return Number(this.#statement.run(...values).changes);
  }

  /** SQLite's own objects of rows cost twice what rows of values do. */
  #read(values: readonly SQLInputValue[]): readonly Row[] {
    const rows = this.#statement.all(...values) as unknown as SQLOutputValue[][];
    const [first] = rows;
    // A table may have more columns by now.
    if (first && first.length !== this.#columns.length) {
      this.#columns = columnsOf(this.#statement);
      this.#rowOf = makerOf(this.#columns);
    }
    this.gaveBlobs = rows.some(hasBlob);
    return rows.map(this.#rowOf);
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
  readonly database: DatabaseSync;
  readonly #byText = new Map<string, Statement>();
  /** What has made the tables, in order. */
  readonly #made = new Set<string>();
  /** Of that, what need not be run: the database began with these tables. */
  readonly #standing = new Set<string>();
  /** Whether this sale changes its tables: then what makes some is run, and is nobody else's. */
  #isChanging = false;
  readonly #tables = new Map<string, Table>();

  private constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** Those of a database: the same ones for everybody. */
  static of(database: DatabaseSync): Statements {
    const known = all.get(database);
    if (known) return known;
    const statements = new Statements(database);
    all.set(database, statements);
    return statements;
  }

  /**
   * From here on everything is one transaction, so that `startOver` can take it back: who has transactions of their
   * own makes savepoints.
   */
  begin(): void {
    this.database.exec("BEGIN");
  }

  /** From here on tables are changed, until `startOver` takes that back with everything else. */
  change(): void {
    this.#isChanging = true;
  }

  /**
   * Takes everything back since `begin`, but for the tables that were made: what makes them does nothing from now on.
   * The statements stay compiled.
   */
  startOver(): void {
    this.database.exec("ROLLBACK");
    this.#isChanging = false;
    for (const text of this.#made) if (!this.#standing.has(text)) this.database.exec(text);
    for (const text of this.#made) this.#standing.add(text);
    this.upheavals += 1;
    this.begin();
  }

  /** @throws Error of SQLite's own for what it does not understand. */
  prepare(text: string): Prepared {
    const known = this.#byText.get(text);
    if (known?.makesTables === false) return known;
    if (this.#stands(text)) return this.#doneAlready(text);
    if (known) return known;
    const [native, uses] = compile(this.database, text);
    if (uses.makesTables && !this.#isChanging) this.#made.add(text);
    const statement = new Statement(this, native, uses);
    this.#byText.set(text, statement);
    return statement;
  }

  /** Runs texts of any number of statements: tables are made so. */
  exec(texts: string): void {
    if (this.#stands(texts)) return;
    this.upheavals += 1;
    if (!this.#isChanging) this.#made.add(texts);
    this.database.exec(texts);
  }

  /** What need not be run, until the tables are changed. */
  #doneAlready(text: string): Prepared {
    const run = (values: readonly SQLInputValue[]): number =>
      this.#stands(text) ? 0 : this.prepare(text).run(values);
    return { hasRows: false, gaveBlobs: false, all: () => [], run };
  }

  #stands(text: string): boolean {
    return !this.#isChanging && this.#standing.has(text);
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
  const worded = text.replaceAll(BOUND_LIMIT, "$1+?");
  const known = usesOf.get(text);
  if (known) return [database.prepare(worded), known];
  const uses: Uses = {
    reads: new Set(),
    writes: new Set(),
    isSteady: true,
    isUpheaval: false,
    makesTables: false,
  };
  database.setAuthorizer((action, name, detail) => {
    if (action === constants.SQLITE_READ) uses.reads.add(name ?? "");
    else if (WRITING.has(action)) uses.writes.add(name ?? "");
    else if (!READING.has(action) && !isQuiet(action, name)) {
      uses.isUpheaval = true;
      if (!isOfTransaction(action)) uses.makesTables = true;
    } else if (UNSTEADY.test(detail ?? "")) uses.isSteady = false;
    return constants.SQLITE_OK;
  });
  try {
    const statement = database.prepare(worded);
    usesOf.set(text, uses);
    return [statement, uses];
  } finally {
    database.setAuthorizer(null);
  }
}

/** Beginnings and ends of transactions change nothing but by a rollback. */
function isQuiet(action: number, name: string | null): boolean {
  return isOfTransaction(action) && name !== "ROLLBACK";
}

function isOfTransaction(action: number): boolean {
  return action === constants.SQLITE_TRANSACTION || action === constants.SQLITE_SAVEPOINT;
}

function columnsOf(statement: StatementSync): string[] {
  return statement.columns().map(({ name }) => name);
}

const makers = new Map<string, MakeRow>();

/**
 * What names the values of a row. Written out as code, all rows of these columns have one shape, and cost an eighth of
 * those that are put together name by name.
 */
function makerOf(columns: readonly string[]): MakeRow {
  const names = JSON.stringify(columns);
  const known = makers.get(names);
  if (known) return known;
  const fields = columns.map((name, index) => `${JSON.stringify(name)}: values[${index}]`);
  // oxlint-disable-next-line typescript/no-implied-eval -- names of columns, and nothing else
  const made = new Function("values", `return { ${fields.join()} };`) as MakeRow;
  makers.set(names, made);
  return made;
}

function hasBlob(values: readonly SQLOutputValue[]): boolean {
  for (const value of values) if (typeof value === "object" && value !== null) return true;
  return false;
}

function isEqual(a: readonly SQLInputValue[], b: readonly SQLInputValue[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!Object.is(a[index], b[index])) return false;
  return true;
}
