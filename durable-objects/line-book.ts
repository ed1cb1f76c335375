import {
  claimsPerSecond,
  comingShare,
  countAsk,
  countClaim,
  countDeparture,
  countLapses,
  grantable,
  tick,
  type AdmissionInputs,
  type LineState,
  type OpenInvitations,
} from "../domain/queue/admission.ts";
import { FLOW_EVERY_MS, flowOf, measureFlow, type Flow } from "../domain/queue/flow.ts";
import { slowDown } from "../domain/queue/pace.ts";
import { renewedUntilMs } from "../domain/queue/session.ts";
import type { LiveControls } from "../domain/queue/settings.ts";
import { drawnNumber, numberedOf } from "../domain/queue/shuffle.ts";
import { AGES_MS } from "../domain/queue/turnout.ts";
import { availableUnits, saleState } from "../domain/purchase/sale.ts";
import type { Claim, ClaimEnd, ClaimStore } from "./claim-store.ts";
import type { SaleLog } from "./sale-log.ts";
import type { LineRecord, SequencerStore } from "./sequencer-store.ts";

/** Rows that time settles at one tick, of each kind. */
const SWEEP_MAX_ROWS = 1_000;

/** Stays that are looked at once a second: about 10 ms of work. */
const STAYS_MAX_ROWS = 10_000;

const NO_INVITATIONS: OpenInvitations = { asking: 0, silent: AGES_MS.map(() => 0) };

/** Stands for no limit: more than will ever come, and still a number that can be reckoned with. */
const EVERYBODY = 1e9;
/** Who asks again and again is written down as asking this often … */
const ASKED_EVERY_MAX_MS = 5_000;
/** … or more often where the silent lapse soon. */
const ASKED_EVERY_SHARE = 1 / 8;
/** Passes granted in one transaction; who asks beyond gets theirs with the next. */
const GRANTS_MAX = 1_000;

/** What became of a claim. A granted one keeps its times for ever, so that its pass never changes. */
export type Grant =
  | { state: "granted"; claimedAtMs: number; expiresAtMs: number }
  | { state: "waiting" | "lapsed" | "left" | "revoked" };

/** A pass to be renewed, by the end that its shopper knows of. */
export interface Renewal {
  number: number;
  expiresAtMs: number;
}

/** What lanes bring to be judged, under the indexes where places are drawn. */
export interface JudgedBatch {
  claims: readonly number[];
  departures: readonly number[];
  renewals: readonly Renewal[];
}

/** A number (or early index) that asked for something, or left, and what became of it. */
export interface Judgement {
  number: number;
  grant: Grant;
}

/** Where the book tells what everyone may check. */
export type LineLog = Pick<SaleLog, "note" | "seal" | "covers">;

/**
 * The bookkeeping of a line: what is written for numbers, claims, departures and ticks. Every method
 * runs inside the caller's transaction and leaves rows and counters in agreement.
 */
export class LineBook {
  readonly #store: SequencerStore;
  readonly #claims: ClaimStore;
  readonly #log: LineLog;

  constructor(store: SequencerStore, log: LineLog, claims: ClaimStore = store.claims) {
    this.#store = store;
    this.#log = log;
    this.#claims = claims;
  }

  /** Takes a place or a pass back: whoever has it is in line no more. */
  revoke(number: number, nowMs: number): void {
    const { line } = this.#read();
    const after = this.#depart(number, line, nowMs, "revoked");
    if (after !== line) this.#store.writeLine(after);
  }

  /**
   * Takes departures, renews passes and judges claims, granted in order of number among all who ask.
   * Where places are drawn, shoppers are named by their index, here and in what is returned.
   */
  judge({ claims, departures, renewals }: JudgedBatch, nowMs: number): Judgement[] {
    const record = this.#read();
    let { line } = record;
    const indexes = [...claims, ...departures, ...renewals.map(({ number }) => number)];
    // Once for each: a drawn number is worked out by dozens to hundreds of hashes.
    const numbers = new Map(indexes.map((index) => [index, numberOf(index, record)]));
    const known = (index: number): number | null => numbers.get(index) ?? null;
    for (const index of departures) {
      const number = known(index);
      if (number === null) this.#store.writeEarlyDeparture(index);
      else line = this.#depart(number, line, nowMs, "left");
    }
    for (const { number: index, expiresAtMs } of renewals)
      this.#renew(known(index), expiresAtMs, record.controls, nowMs);
    const asking = new Set<number>();
    for (const index of claims) {
      const number = known(index);
      const asked = this.#ask(number, { ...record, line }, nowMs);
      if (number !== null && asked !== line) asking.add(number);
      line = asked;
    }
    line = this.#grantAskers({ ...record, line }, this.#inputs(record, nowMs), nowMs, asking);
    for (const number of asking) this.#log.note({ kind: "asked", number });
    if (line !== record.line) this.#store.writeLine(line);
    const judged = this.#claims.claimsOf([...numbers.values()].filter((number) => number !== null));
    return indexes.map((index) => {
      const number = known(index);
      return { number: index, grant: grantOf(number === null ? undefined : judged.get(number)) };
    });
  }

  /** Takes back the places of those who bought; a place comes back once. */
  finish(finished: { number: number; units: number }[], nowMs: number): void {
    const record = this.#read();
    let { line } = record;
    const claims = this.#claims.claimsOf(finished.map(({ number }) => number));
    for (const { number, units } of finished) {
      const claimedAtMs = claims.get(number)?.claimed_at_ms ?? null;
      if (claimedAtMs !== null && this.#end(number, "finished"))
        line = countDeparture(line, units, nowMs - claimedAtMs);
    }
    if (line !== record.line) this.#store.writeLine(line);
  }

  /** Notes that the sale opened or closed: to be called when its control or a level has changed. */
  observe(nowMs: number): void {
    const record = this.#read();
    const line = this.#openOrClose(record.line, this.#inputs(record, nowMs).open, nowMs);
    if (line !== record.line) this.#store.writeLine(line);
  }

  /** Lets fewer in: an item is slow to write what they buy. Not where everyone is let in. */
  slowDown(nowMs: number): void {
    const record = this.#read();
    const { line, controls } = record;
    if (controls.suspended) return;
    const rates = {
      setPerSecond: controls.newUsersPerMinute / 60,
      measuredPerSecond: line.invitedPerSecond,
    };
    const pace = slowDown(line.pace, rates, nowMs);
    if (pace !== line.pace) this.#store.writeLine({ ...line, pace });
  }

  /** How fast the line moves; `null` while nobody can know. */
  flow(record: LineRecord, nowMs: number): Flow | null {
    const { line } = record;
    const inputs = this.#inputs(record, nowMs);
    return flowOf(line, claimsPerSecond(line, inputs), comingShare(line));
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
    const moved = this.#measure(
      tick(line, inputs, this.#openInvitations(line, nowMs), nowMs),
      inputs,
      nowMs,
    );
    if (moved.cursor > line.cursor) {
      const [first, through] = [line.cursor + 1, moved.cursor];
      moved.openInvitations -= this.#claims.writeInvitation(first, through, nowMs);
      this.#log.note({ kind: "invited", first, through });
    }
    if (moved !== record.line) this.#store.writeLine(moved);
    return inputs.open;
  }

  /** Who is invited and has no pass; rows are read only where the counter says that there are some. */
  #openInvitations({ openInvitations }: LineState, nowMs: number): OpenInvitations {
    return openInvitations === 0 ? NO_INVITATIONS : this.#claims.openInvitations(nowMs);
  }

  /** Measures how fast a full room empties, once a second. */
  #measure(line: LineState, inputs: AdmissionInputs, nowMs: number): LineState {
    if (!inputs.open || !line.isFull || nowMs - line.measuredAtMs < FLOW_EVERY_MS) return line;
    const insideMs = this.#claims.insideSince(STAYS_MAX_ROWS).map((atMs) => nowMs - atMs);
    return measureFlow(line, insideMs, nowMs);
  }

  #read(): LineRecord {
    const record = this.#store.read();
    if (!record) throw new Error("The line has not been opened.");
    return record;
  }

  #ask(number: number | null, { definition, line }: LineRecord, nowMs: number): LineState {
    if (number === null || number > line.cursor) return line;
    // Only open time counts: what was there when the line closed is moved on when it opens again.
    const atMs = line.closedAtMs ?? nowMs;
    const claim = this.#claims.claim(number);
    if (claim) {
      const claimMs = definition.queue.claimSeconds * 1_000;
      const everyMs = Math.min(ASKED_EVERY_MAX_MS, ASKED_EVERY_SHARE * claimMs);
      const isNews = atMs - claim.asked_at_ms >= everyMs;
      if (isNews && claim.claimed_at_ms === null && claim.ended === null)
        this.#claims.writeAsk(number, atMs);
      return line;
    }
    const invitation = this.#claims.invitationOf(number);
    if (!invitation) return line;
    this.#claims.writeAsk(number, atMs);
    if (invitation.lapsed === 1) {
      this.#claims.end(number, "lapsed");
      return line;
    }
    this.#claims.countAnswer(invitation);
    return countAsk(line, atMs - invitation.at_ms);
  }

  /** Renews a stay, fenced by the end that is known: a repeat finds it renewed and changes nothing. */
  #renew(
    number: number | null,
    expiresAtMs: number,
    { disableSessionRenewal, sessionDurationSeconds }: LiveControls,
    nowMs: number,
  ): void {
    const claim = number === null ? null : this.#claims.claim(number);
    if (disableSessionRenewal || !claim || claim.ended !== null) return;
    const { claimed_at_ms: claimedAtMs, expires_at_ms: endsAtMs } = claim;
    if (claimedAtMs === null || endsAtMs !== expiresAtMs) return;
    const session = { claimedAtMs, expiresAtMs };
    const untilMs = renewedUntilMs(session, sessionDurationSeconds, nowMs);
    if (untilMs === null) return;
    this.#claims.grant(claim.number, claimedAtMs, untilMs);
    this.#log.note({ kind: "renewed", number: claim.number, expiresAtMs: untilMs });
  }

  #depart(number: number, line: LineState, nowMs: number, ended: ClaimEnd): LineState {
    const claim = this.#claims.claim(number);
    if (claim) {
      if (!this.#end(number, ended)) return line;
      return claim.claimed_at_ms === null
        ? { ...line, openInvitations: line.openInvitations - 1 }
        : countDeparture(line, 0, nowMs - claim.claimed_at_ms);
    }
    const invitation = number > line.cursor ? null : this.#claims.invitationOf(number);
    const isLapsed = invitation?.lapsed === 1;
    // Who let it lapse has nothing left to leave.
    this.#claims.writeDeparture(number, nowMs, isLapsed && ended === "left" ? "lapsed" : ended);
    if (!isLapsed) this.#log.note({ kind: "over", number, how: ended });
    if (!invitation || isLapsed) return line;
    this.#claims.countAnswer(invitation);
    return { ...line, openInvitations: line.openInvitations - 1 };
  }

  /** Ends the turn of a number that asks or is inside, once. */
  #end(number: number, how: ClaimEnd): boolean {
    const hasEnded = this.#claims.end(number, how);
    if (hasEnded) this.#log.note({ kind: "over", number, how });
    return hasEnded;
  }

  /** Leaves the holes of early entrants who left before there were numbers. */
  #departEarly({ shuffle, line: before }: LineRecord, nowMs: number): LineState {
    let line = before;
    if (!shuffle) return line;
    const drawn = numberedOf(line.lastNumber, shuffle);
    for (const index of this.#store.takeEarlyDepartures(drawn, SWEEP_MAX_ROWS)) {
      const number = drawnNumber(index, shuffle);
      if (number !== null) line = this.#depart(number, line, nowMs, "left");
    }
    return line;
  }

  /** Lets in whom there is room for; `asking`, of whom the log does not know yet, loses them. */
  #grantAskers(
    { controls, line: before }: LineRecord,
    inputs: AdmissionInputs,
    nowMs: number,
    asking?: Set<number>,
  ): LineState {
    let line = before;
    const count = Math.min(grantable(line, inputs, nowMs), GRANTS_MAX);
    if (count === 0) return line;
    const expiresAtMs = nowMs + controls.sessionDurationSeconds * 1000;
    for (const number of this.#claims.asking(count)) {
      this.#claims.grant(number, nowMs, expiresAtMs);
      this.#log.note({ kind: "granted", number, expiresAtMs });
      asking?.delete(number);
      line = countClaim(line, nowMs);
    }
    return line;
  }

  #inputs(record: LineRecord, nowMs: number): AdmissionInputs {
    const { definition, control, controls, line, shuffle } = record;
    const levels = this.#store.levels();
    const { newUsersPerMinute, totalActiveUsers, queueAll, suspended } = controls;
    const state = saleState(control, definition.queue.prequeueStartsAtMs, levels, nowMs);
    return {
      newUsersPerMinute: suspended ? EVERYBODY : newUsersPerMinute,
      totalActiveUsers: suspended ? EVERYBODY : totalActiveUsers,
      numbered: numberedOf(line.lastNumber, shuffle),
      available: availableUnits(levels),
      claimMs: definition.queue.claimSeconds * 1_000,
      open: state === "active" && !queueAll,
    };
  }

  /** The time in which nobody may claim counts against no invitation. */
  #openOrClose(line: LineState, open: boolean, nowMs: number): LineState {
    if (!open) return line.closedAtMs === null ? { ...line, closedAtMs: nowMs } : line;
    if (line.closedAtMs === null) return line;
    this.#claims.extendInvitations(nowMs - line.closedAtMs);
    return { ...line, closedAtMs: null };
  }

  #sweep({ definition, line: before }: LineRecord, nowMs: number): LineState {
    const silentSinceMs = nowMs - definition.queue.claimSeconds * 1000;
    let line = before;
    // Rows are looked for only where the counters say that there are some.
    if (line.closedAtMs === null && line.openInvitations > 0) {
      for (const lapsed of this.#claims.lapseInvitations(silentSinceMs, SWEEP_MAX_ROWS)) {
        const { first_number: first, last_number: through, answered } = lapsed;
        const silent = through - first + 1 - answered;
        if (silent === 0) continue;
        line = countLapses(line, silent);
        this.#log.note({ kind: "lapsed", first, through });
      }
      for (const number of this.#claims.silentAskers(silentSinceMs, SWEEP_MAX_ROWS))
        if (this.#end(number, "lapsed")) line = countLapses(line, 1);
    }
    if (line.inside === 0) return line;
    for (const { number, claimedAtMs } of this.#claims.expired(nowMs, SWEEP_MAX_ROWS))
      if (this.#end(number, "expired")) line = countDeparture(line, 0, nowMs - claimedAtMs);
    return line;
  }
}

/** The number of an index; `null` while it has still to be drawn. */
function numberOf(index: number, { shuffle }: LineRecord): number | null {
  return shuffle === null ? index : drawnNumber(index, shuffle);
}

function grantOf(claim: Claim | undefined): Grant {
  if (!claim) return { state: "waiting" };
  const { claimed_at_ms: claimedAtMs, expires_at_ms: expiresAtMs, ended } = claim;
  if (ended === "left" || ended === "revoked") return { state: ended };
  if (claimedAtMs !== null && expiresAtMs !== null)
    return { state: "granted", claimedAtMs, expiresAtMs };
  return { state: ended === "lapsed" ? "lapsed" : "waiting" };
}
