import {
  countClaim,
  countDeparture,
  countLapses,
  grantable,
  tick,
  type AdmissionInputs,
  type LineState,
} from "../domain/queue/admission.ts";
import { flowOf, type Flow } from "../domain/queue/flow.ts";
import type { Join } from "../domain/queue/line.ts";
import { drawnNumber, type SecretShuffle } from "../domain/queue/shuffle.ts";
import { availableUnits, saleState } from "../domain/purchase/sale.ts";
import type { Claim, ClaimEnd, LineRecord, SequencerStore } from "./sequencer-store.ts";

/** Rows that time settles at one tick, of each kind. */
const SWEEP_MAX_ROWS = 1_000;

/** Stands for no limit: more than will ever come, and still a number that can be reckoned with. */
const EVERYBODY = 1e9;
/** Passes granted in one transaction; who asks beyond gets theirs with the next. */
const GRANTS_MAX = 1_000;

/** What became of a claim. A granted one keeps its times for ever, so that its pass never changes. */
export type Grant =
  | { state: "granted"; claimedAtMs: number; expiresAtMs: number }
  | { state: "waiting" | "lapsed" | "left" };

/** A number (or early index) that asked for a pass, and what became of it. */
export interface Judgement {
  number: number;
  grant: Grant;
}

/**
 * The bookkeeping of a line: what is written for numbers, claims, departures and ticks. Every method
 * runs inside the caller's transaction and leaves rows and counters in agreement.
 */
export class LineBook {
  readonly #store: SequencerStore;

  constructor(store: SequencerStore) {
    this.#store = store;
  }

  /**
   * Draws the places of the early entrants, once, when the sale has started: one write, however many
   * they are. Joins numbered before it are early, those after it go behind them.
   */
  begin(nowMs: number): void {
    if (!this.#store.awaitsDraw()) return;
    const { control, line, shuffle } = this.#read();
    if (!shuffle || control.mode === "draft" || nowMs < control.startsAtMs) return;
    this.#store.writeShuffle({ ...shuffle, count: line.lastNumber });
  }

  /** Gives numbers in the order given; a join that has one keeps it. */
  number(due: { join: Join; stampMs: number }[]): number[] {
    const record = this.#read();
    let { lastNumber } = record.line;
    const numbers = due.map(({ join, stampMs }) => {
      const { lane, laneSeq, arrivedAtMs } = join;
      const known = this.#store.numberOf(lane, laneSeq);
      if (known !== null) return known;
      lastNumber += 1;
      this.#store.writePlace({ lane, laneSeq, arrivedAtMs, number: lastNumber }, stampMs);
      return lastNumber;
    });
    if (lastNumber > record.line.lastNumber) this.#store.writeLine({ ...record.line, lastNumber });
    return numbers;
  }

  /** Takes a place or a pass back: whoever has it is in line no more. */
  revoke(number: number, nowMs: number): void {
    const { line } = this.#read();
    const after = this.#depart(number, line, nowMs, "revoked");
    if (after !== line) this.#store.writeLine(after);
  }

  /**
   * Takes departures and judges claims, granted in order of number among all who ask. Early entrants
   * are named by their index, here and in what is returned.
   */
  judge(claims: number[], departures: number[], nowMs: number): Judgement[] {
    const record = this.#read();
    let { line } = record;
    for (const index of departures) {
      const number = numberOf(index, record.shuffle);
      if (number === null) this.#store.writeEarlyDeparture(index);
      else line = this.#depart(number, line, nowMs, "left");
    }
    const asked = claims.map((index) => ({ index, number: numberOf(index, record.shuffle) }));
    for (const { number } of asked) if (number !== null) this.#ask(number, line, nowMs);
    line = this.#grantAskers({ ...record, line }, this.#inputs(record, nowMs), nowMs);
    if (line !== record.line) this.#store.writeLine(line);
    return asked.map(({ index, number }) => ({
      number: index,
      grant: grantOf(number === null ? null : this.#store.claim(number)),
    }));
  }

  /** Takes back the places of those who bought; a place comes back once. */
  finish(finished: { number: number; units: number }[]): void {
    const record = this.#read();
    let { line } = record;
    for (const { number, units } of finished) {
      const isInside = (this.#store.claim(number)?.claimed_at_ms ?? null) !== null;
      if (isInside && this.#store.end(number, "finished")) line = countDeparture(line, units);
    }
    if (line !== record.line) this.#store.writeLine(line);
  }

  /** Notes that the sale opened or closed: to be called when its control or a level has changed. */
  observe(nowMs: number): void {
    const record = this.#read();
    const line = this.#openOrClose(record.line, this.#inputs(record, nowMs).open, nowMs);
    if (line !== record.line) this.#store.writeLine(line);
  }

  /** How fast the line moves; `null` while nobody can know. */
  flow(record: LineRecord, nowMs: number): Flow | null {
    return flowOf(record.line, this.#inputs(record, nowMs), nowMs);
  }

  /**
   * Settles what time has brought, grants what became free and moves the cursor. Writes nothing when
   * nothing changed. Returns whether anybody may be admitted now.
   */
  tick(nowMs: number): boolean {
    const record = this.#read();
    const inputs = this.#inputs(record, nowMs);
    let line = this.#openOrClose(record.line, inputs.open, nowMs);
    line = this.#departEarly({ ...record, line }, nowMs);
    line = this.#sweep({ ...record, line }, nowMs);
    line = this.#grantAskers({ ...record, line }, inputs, nowMs);
    const moved = tick(line, inputs, nowMs);
    if (moved.cursor > line.cursor)
      moved.openInvitations -= this.#store.writeInvitation(line.cursor + 1, moved.cursor, nowMs);
    if (moved !== record.line) this.#store.writeLine(moved);
    return inputs.open;
  }

  #read(): LineRecord {
    const record = this.#store.read();
    if (!record) throw new Error("The line has not been opened.");
    return record;
  }

  #ask(number: number, line: LineState, nowMs: number): void {
    if (number > line.cursor) return;
    const claim = this.#store.claim(number);
    if (claim) {
      if (claim.claimed_at_ms === null && claim.ended === null) this.#store.writeAsk(number, nowMs);
      return;
    }
    const invitation = this.#store.invitationOf(number);
    if (!invitation) return;
    this.#store.writeAsk(number, nowMs);
    if (invitation.lapsed === 1) this.#store.end(number, "lapsed");
    else this.#store.countAnswer(invitation);
  }

  #depart(number: number, line: LineState, nowMs: number, ended: ClaimEnd): LineState {
    const claim = this.#store.claim(number);
    if (claim) {
      if (!this.#store.end(number, ended)) return line;
      return claim.claimed_at_ms === null
        ? { ...line, openInvitations: line.openInvitations - 1 }
        : countDeparture(line, 0);
    }
    this.#store.writeDeparture(number, nowMs, ended);
    if (number > line.cursor) return line;
    const invitation = this.#store.invitationOf(number);
    if (!invitation || invitation.lapsed === 1) return line;
    this.#store.countAnswer(invitation);
    return { ...line, openInvitations: line.openInvitations - 1 };
  }

  /** Leaves the holes of early entrants who left before there were numbers. */
  #departEarly({ shuffle, line: before }: LineRecord, nowMs: number): LineState {
    let line = before;
    if (!shuffle || shuffle.count === null) return line;
    const { seed, count } = shuffle;
    for (const index of this.#store.takeEarlyDepartures(SWEEP_MAX_ROWS))
      line = this.#depart(drawnNumber(index, { seed, count }), line, nowMs, "left");
    return line;
  }

  #grantAskers(
    { controls, line: before }: LineRecord,
    inputs: AdmissionInputs,
    nowMs: number,
  ): LineState {
    let line = before;
    const count = Math.min(grantable(line, inputs, nowMs), GRANTS_MAX);
    if (count === 0) return line;
    const expiresAtMs = nowMs + controls.sessionDurationSeconds * 1000;
    for (const number of this.#store.asking(count)) {
      this.#store.grant(number, nowMs, expiresAtMs);
      line = countClaim(line, nowMs);
    }
    return line;
  }

  #inputs({ definition, control, controls }: LineRecord, nowMs: number): AdmissionInputs {
    const levels = this.#store.levels();
    const { newUsersPerMinute, totalActiveUsers, queueAll, suspended } = controls;
    const state = saleState(control, definition.queue.prequeueStartsAtMs, levels, nowMs);
    return {
      newUsersPerMinute: suspended ? EVERYBODY : newUsersPerMinute,
      totalActiveUsers: suspended ? EVERYBODY : totalActiveUsers,
      available: availableUnits(levels),
      open: state === "active" && !queueAll,
    };
  }

  /** The time in which nobody may claim counts against no invitation. */
  #openOrClose(line: LineState, open: boolean, nowMs: number): LineState {
    if (!open) return line.closedAtMs === null ? { ...line, closedAtMs: nowMs } : line;
    if (line.closedAtMs === null) return line;
    this.#store.extendInvitations(nowMs - line.closedAtMs);
    return { ...line, closedAtMs: null };
  }

  #sweep({ definition, line: before }: LineRecord, nowMs: number): LineState {
    const silentSinceMs = nowMs - definition.queue.claimSeconds * 1000;
    let line = before;
    if (line.closedAtMs === null) {
      const lapsed = this.#store.lapseInvitations(silentSinceMs, SWEEP_MAX_ROWS);
      if (lapsed > 0) line = countLapses(line, lapsed);
      for (const number of this.#store.silentAskers(silentSinceMs, SWEEP_MAX_ROWS))
        if (this.#store.end(number, "lapsed")) line = countLapses(line, 1);
    }
    for (const number of this.#store.expired(nowMs, SWEEP_MAX_ROWS))
      if (this.#store.end(number, "expired")) line = countDeparture(line, 0);
    return line;
  }
}

/** The number of the `index`-th who joined; `null` while it has still to be drawn. */
function numberOf(index: number, shuffle: SecretShuffle | null): number | null {
  if (shuffle === null) return index;
  const { seed, count } = shuffle;
  return count === null ? null : drawnNumber(index, { seed, count });
}

function grantOf(claim: Claim | null): Grant {
  if (!claim) return { state: "waiting" };
  const { claimed_at_ms: claimedAtMs, expires_at_ms: expiresAtMs, ended } = claim;
  if (ended === "left" || ended === "revoked") return { state: "left" };
  if (claimedAtMs !== null && expiresAtMs !== null)
    return { state: "granted", claimedAtMs, expiresAtMs };
  return { state: ended === "lapsed" ? "lapsed" : "waiting" };
}
