import { DatabaseSync } from "node:sqlite";
import type { Dice } from "../kernel/dice.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { giveBack, takeDatabase } from "./databases.ts";
import { SimulatedSql } from "./sql-storage.ts";
import { Statements } from "./statements.ts";

/** A commit becomes durable after this long, in microseconds. */
const COMMIT_MIN_US = 100;
const COMMIT_MAX_US = 8_000;
/** A slow one takes up to this long. */
const COMMIT_SLOW_MAX_US = 3_000_000;

/** How the transaction of a turn begins and ends. */
interface TransactionWords {
  begin: string;
  commit: string;
  undo: readonly string[];
}

const WHOLE: TransactionWords = { begin: "BEGIN", commit: "COMMIT", undo: ["ROLLBACK"] };
/** In a database that is used again everything is part of one transaction. */
const WITHIN: TransactionWords = {
  begin: "SAVEPOINT turn",
  commit: "RELEASE turn",
  undo: ["ROLLBACK TO turn", "RELEASE turn"],
};

/** What becomes of an object around its commits. */
export interface CommitHooks {
  /** A turn that wrote something is over. */
  written(): void;
  /** The commit failed, and the object goes under; with an error when the code is to blame. */
  failed(error?: Error): void;
  /** The commit is durable; nothing that waited for it has left yet. */
  durable(): void;
  /** The time by the object's clock. */
  nowMs(): number;
}

/** A running `transactionSync`. Most write nothing, so a savepoint is made at the first write in it. */
interface Level {
  /** What to go back to: a savepoint, or the whole transaction (""); `null` before anything was written. */
  mark: string | null;
  /** Whether it ends with this level: those in which nothing was written before share one. */
  isOwner: boolean;
}

/**
 * The storage of one object. All writes of a turn are one implicit transaction, and nothing leaves the
 * object before they are durable; commits that are on their way together become durable together. An
 * alarm is part of the transaction that sets it (workerd: `src/workerd/io/actor-sqlite.c++`).
 */
export class SimulatedStorage {
  readonly sql: SimulatedSql;
  readonly database: DatabaseSync;
  readonly #kind: string | null;
  readonly #words: TransactionWords;
  readonly #statements: Statements;
  readonly #kernel: Kernel;
  readonly #dice: Dice;
  readonly #hooks: CommitHooks;
  /** Whether the end of this turn is waited for already. */
  #isInTurn = false;
  #isOpen = false;
  #isDirty = false;
  #commitScheduled = false;
  /** The `transactionSync`s that are running. */
  #levels: Level[] = [];
  /** After the object went under and until it wakes; code that still runs must not write. */
  #isGone = false;
  /** Commits of an object that went under in the meantime are void. */
  #generation = 0;
  #waiting: (() => void)[] = [];
  /** While an alarm is handled it counts as gone; it is deleted once the handler succeeds. */
  #isAlarmHandled = false;

  /** @param kind all objects of one kind make the same tables; `null` is one of its own. */
  constructor(kernel: Kernel, dice: Dice, kind: string | null, hooks: CommitHooks) {
    this.#kernel = kernel;
    this.#dice = dice;
    this.#hooks = hooks;
    this.#kind = kind;
    this.#words = kind === null ? WHOLE : WITHIN;
    this.database = kind === null ? ownDatabase() : takeDatabase(kind, setUp);
    this.#statements = Statements.of(this.database);
    this.sql = new SimulatedSql(this.database, () => this.#beginWrite());
  }

  /** Runs `write` as a savepoint: undone alone when it throws. */
  transactionSync<T>(write: () => T): T {
    this.#enter();
    const level: Level = { mark: null, isOwner: false };
    this.#levels.push(level);
    try {
      const result = write();
      this.#leave(level);
      return result;
    } catch (error) {
      this.#leave(level, true);
      throw error;
    }
  }

  getAlarm(): Promise<number | null> {
    return Promise.resolve(this.#isAlarmHandled ? null : this.alarmAtMs());
  }

  /** Sets the alarm; a time that has passed counts as now. */
  setAlarm(at: number | Date): Promise<void> {
    const atMs = Number(at);
    if (!(atMs > 0)) return Promise.reject(new TypeError("setAlarm() takes a time after 1970."));
    this.#writeAlarm(Math.max(atMs, this.#hooks.nowMs()));
    return Promise.resolve();
  }

  deleteAlarm(): Promise<void> {
    this.#writeAlarm(null);
    return Promise.resolve();
  }

  /** The alarm as written, handled or not. */
  alarmAtMs(): number | null {
    const row = this.sql.exec<{ at_ms: number | null }>("SELECT at_ms FROM _cf_alarm").one();
    return row.at_ms;
  }

  /** Notes that the alarm's handler begins. */
  beginAlarm(): void {
    this.#isAlarmHandled = true;
  }

  /** Notes how it ended: after a success an alarm that was not set anew is gone. */
  endAlarm(succeeded: boolean): void {
    if (!this.#isAlarmHandled) return;
    this.#isAlarmHandled = false;
    if (succeeded) this.#writeAlarm(null);
  }

  /** Whether everything written so far is durable. */
  get isDurable(): boolean {
    return !this.#isDirty;
  }

  /** Lets `send` go once everything written so far is durable: the output gate. */
  whenDurable(send: () => void): void {
    if (this.#isDirty) this.#waiting.push(send);
    else send();
  }

  /** Resolves once everything written so far is durable. */
  sync(): Promise<void> {
    return new Promise((resolve) => this.whenDurable(resolve));
  }

  /** The object lives again. */
  wake(): void {
    this.#isGone = false;
  }

  /** Undoes what is not durable yet: the object went under. */
  lose(): void {
    this.#isGone = true;
    this.sql.forget();
    this.#generation += 1;
    if (this.#isOpen) this.#undoTurn();
    this.#isOpen = false;
    this.#isDirty = false;
    this.#commitScheduled = false;
    this.#levels = [];
    this.#waiting = [];
    this.#isAlarmHandled = false;
  }

  /** The object is gone for ever. */
  close(): void {
    if (this.#kind === null) this.database.close();
    else giveBack(this.#kind, this.database);
  }

  #writeAlarm(atMs: number | null): void {
    this.#isAlarmHandled = false;
    if (this.alarmAtMs() === atMs) return;
    this.sql.exec("UPDATE _cf_alarm SET at_ms = ?", atMs);
  }

  readonly #turnEnded = (): void => this.#endTurn();

  #enter(): void {
    if (this.#isGone) throw new Error("The object went under.");
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.#kernel.scheduler.atTurnEnd(this.#turnEnded);
  }

  #beginWrite(): void {
    this.#enter();
    this.#isDirty = true;
    const isFirst = !this.#isOpen;
    if (isFirst) this.#run(this.#words.begin);
    this.#isOpen = true;
    const first = this.#levels.findIndex(({ mark }) => mark === null);
    if (first < 0) return;
    const mark = isFirst ? "" : `s${first}`;
    for (const level of this.#levels.slice(first)) level.mark = mark;
    if (isFirst) return;
    this.#run(`SAVEPOINT ${mark}`);
    (this.#levels[first] as Level).isOwner = true;
  }

  /** Ends the innermost level; one that the object did not outlive is gone already. */
  #leave(level: Level, isUndone = false): void {
    if (this.#levels.at(-1) !== level) return;
    this.#levels.pop();
    const { mark, isOwner } = level;
    if (mark === null) return;
    if (isUndone && mark === "") {
      this.#undoTurn();
      this.#run(this.#words.begin);
    } else if (isUndone) this.#run(`ROLLBACK TO ${mark}`);
    if (isOwner) this.#run(`RELEASE ${mark}`);
  }

  #undoTurn(): void {
    for (const text of this.#words.undo) this.#run(text);
  }

  #run(text: string): void {
    this.#statements.prepare(text).run([]);
  }

  #endTurn(): void {
    this.#isInTurn = false;
    if (!this.#isOpen) return;
    this.#hooks.written();
    if (this.#commitScheduled) return;
    this.#commitScheduled = true;
    const { scheduler, faults } = this.#kernel;
    const maxUs = faults.happens("commit.slow") ? COMMIT_SLOW_MAX_US : COMMIT_MAX_US;
    const generation = this.#generation;
    scheduler.schedule(this.#dice.int(COMMIT_MIN_US, maxUs), () => {
      if (generation === this.#generation) this.#commit();
    });
  }

  #commit(): void {
    if (this.#kernel.faults.happens("commit.failed")) {
      this.#hooks.failed();
      return;
    }
    try {
      this.sql.requireAllRead();
      this.#run(this.#words.commit);
    } catch (error) {
      this.#hooks.failed(new Error(`Durable Object was reset: ${String(error)}`));
      return;
    }
    this.#isOpen = false;
    this.#isDirty = false;
    this.#commitScheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    const generation = this.#generation;
    this.#hooks.durable();
    if (generation === this.#generation) for (const send of waiting) send();
  }
}

function ownDatabase(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  setUp(database);
  return database;
}

function setUp(database: DatabaseSync): void {
  database.exec("PRAGMA foreign_keys = ON");
  database.exec("CREATE TABLE _cf_alarm (id INTEGER PRIMARY KEY, at_ms INTEGER) STRICT");
  database.exec("INSERT INTO _cf_alarm (id, at_ms) VALUES (1, NULL)");
}
