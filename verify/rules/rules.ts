import type { Findings } from "../finding.ts";
import { Admissions } from "./admissions.ts";
import { Cursor } from "./cursor.ts";
import { Draws } from "./draws.ts";
import { readEntry, type Entry } from "./entry.ts";
import { Joins } from "./joins.ts";
import { Numbers } from "./numbers.ts";
import { Leading } from "./terms.ts";

/** Goes through the entries of a sale's log from the first to the last, and judges each by what came before. */
export class Rules {
  readonly #findings: Findings;
  readonly #sale: string;
  readonly leading: Leading;
  readonly draws: Draws;
  readonly joins: Joins;
  readonly cursor: Cursor;
  readonly admissions: Admissions;
  /** Entries of each kind, and those of kinds that are not known here. */
  readonly kinds = new Map<string, number>();
  readonly unknown = new Map<string, number>();
  count = 0;
  atMs = 0;
  firstAtMs = 0;

  /** @param sale the id that the log's name tells. */
  constructor(findings: Findings, sale: string) {
    const numbers = new Numbers();
    this.#findings = findings;
    this.#sale = sale;
    this.leading = new Leading(findings);
    this.draws = new Draws(findings, this.leading);
    this.joins = new Joins(findings, this.leading, this.draws, numbers);
    this.cursor = new Cursor(findings, this.leading, numbers);
    this.admissions = new Admissions(findings, this.leading, numbers, this.cursor);
  }

  add(bytes: Uint8Array): void {
    const at = this.count;
    this.count += 1;
    const read = readEntry(bytes);
    if ("problem" in read) return this.#add(at, `the entry ${read.problem}`);
    const { sale, atMs } = "entry" in read ? read.entry : read;
    if (at === 0) this.firstAtMs = atMs;
    if (sale !== this.#sale) this.#add(at, `the entry is of the sale "${sale}"`);
    if (atMs < this.atMs)
      this.#add(at, `the entry is back-dated: ${this.atMs - atMs} ms before the one before it`);
    this.atMs = Math.max(this.atMs, atMs);
    const kind = "entry" in read ? read.entry.kind : read.unknown;
    const counts = "entry" in read ? this.kinds : this.unknown;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if ((kind === "opened") !== (at === 0))
      this.#add(
        at,
        at === 0 ? "the log does not begin with the sale's terms" : "the sale is opened again",
      );
    if ("entry" in read) this.#judge(read.entry, at);
  }

  /** The log has no more entries. */
  end(): void {
    this.joins.end(this.atMs);
  }

  #judge(entry: Entry, at: number): void {
    const { leading, draws, joins, cursor, admissions } = this;
    const numbered = draws.numbered(joins.count);
    switch (entry.kind) {
      case "opened":
        return at === 0 ? leading.open(entry, at) : undefined;
      case "joined":
        return joins.add(entry, at);
      case "controlled":
        leading.control = entry;
        return;
      case "turned":
        return leading.turn(entry, at);
      case "led":
        leading.controls = entry.controls;
        return;
      case "drawn":
        return draws.close(entry, joins.count, at);
      case "randomness":
        return draws.bring(entry, at);
      case "revealed":
        return draws.reveal(entry, at);
      case "invited":
        return cursor.invite(entry, numbered, at);
      case "asked":
        return admissions.ask(entry, at);
      case "granted":
        return admissions.grant(entry, at);
      case "renewed":
        return admissions.renew(entry, at);
      case "lapsed":
        return cursor.lapse(entry, at);
      case "over":
        return admissions.end(entry, numbered, at);
      case "estimated":
        return;
    }
  }

  #add(at: number, says: string): void {
    this.#findings.add("entries", at, says);
  }
}
