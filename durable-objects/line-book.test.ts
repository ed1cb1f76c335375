import { runInDurableObject } from "cloudflare:test";
import {
  array,
  assert,
  constantFrom,
  integer,
  property,
  record,
  type Arbitrary,
  type Parameters,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { bindings, uniqueName } from "../test/system/support/objects.ts";
import { control, level, NOON_MS, queueSettings } from "../test/system/support/samples.ts";
import { readEntry, type LogEntry } from "../domain/log/leaf.ts";
import { parseLogKeys } from "../domain/log/note.ts";
import { logTerms } from "../domain/log/terms.ts";
import { EMPTY_LINE } from "../domain/queue/admission.ts";
import { EMPTY_TURNOUT } from "../domain/queue/turnout.ts";
import { ClaimStore, type Claim, type ClaimEnd, type Invitation } from "./claim-store.ts";
import { JoinBook } from "./join-book.ts";
import { LineBook, type JudgedBatch } from "./line-book.ts";
import { LogStore } from "./log-store.ts";
import { SaleLog } from "./sale-log.ts";
import { SequencerStore } from "./sequencer-store.ts";

/*
 * Any history of joins, claims, departures, purchases, ticks and time, over the real tables. After
 * each step the counters are recomputed from the rows: what was counted must be what was written.
 */

const CAPACITY = 2;
const RATE_PER_MINUTE = 240;
const SESSION_MS = 30_000;
/** A crowd of which nobody came: the line invites more than there is room for. */
const NOBODY_COMES = { ...EMPTY_TURNOUT, waited: EMPTY_TURNOUT.waited.map(() => 1e6) };

const anyStep = record({
  does: constantFrom(
    ...(["join", "ask", "ask", "ask", "leave", "renew", "finish", "tick", "tick"] as const),
  ),
  afterMs: constantFrom(0, 20, 250, 500, 500, 500, 500, 3_000, 3_000, 40_000),
  /** Which numbers, counted back from the one after the cursor. */
  back: array(integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
  levels: constantFrom(level(50), level(50), level(50), level(2, 2), level(2, 0, 2)),
});
type Step = typeof anyStep extends Arbitrary<infer Value> ? Value : never;
type StoreClass = new (sql: SqlStorage) => ClaimStore;

interface ClaimRow extends Record<string, SqlStorageValue> {
  number: number;
  claimed_at_ms: number | null;
  expires_at_ms: number | null;
  ended: string | null;
}

function must(condition: boolean, promise: string): void {
  if (!condition) throw new Error(`Broken: ${promise}`);
}

class Model {
  readonly #sql: SqlStorage;
  readonly #store: SequencerStore;
  readonly #claims: ClaimStore;
  readonly #log: SaleLog;
  readonly #book: LineBook;
  readonly #joins: JoinBook;
  readonly #storage: DurableObjectStorage;
  readonly #told = new Told();
  #entries = 0;
  readonly #firstTimes = new Map<number, string>();
  #nowMs = NOON_MS;
  #laneSeq = 0;
  #sequence = 0;
  #cursor = 0;

  constructor(storage: DurableObjectStorage, Store: StoreClass) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#store = new SequencerStore(storage);
    this.#claims = new Store(storage.sql);
    this.#log = new SaleLog({
      storage,
      runtime: { now: () => this.#nowMs },
      shop: "shop.example",
      keys: parseLogKeys(bindings.LOG_KEYS),
    });
    this.#book = new LineBook(this.#store, this.#log, this.#claims);
    this.#joins = new JoinBook(this.#store, this.#log, () => null);
    const queue = queueSettings({
      newUsersPerMinute: RATE_PER_MINUTE,
      totalActiveUsers: CAPACITY,
      claimSeconds: 15,
      sessionDurationSeconds: SESSION_MS / 1_000,
    });
    const forever = control({ endsAtMs: Number.MAX_SAFE_INTEGER });
    this.#store.create({ saleId: "drop", queue }, forever, [level(50)], "key", null);
    const terms = logTerms(queue, forever, null);
    this.#log.transactionSync(() => this.#log.open("drop", { kind: "opened", terms }));
    // A line that expects no-shows invites more than there is room for: claims have to wait.
    this.#store.writeLine({ ...EMPTY_LINE, turnout: NOBODY_COMES });
  }

  run({ does, afterMs, back, levels }: Step): void {
    const numbers = back.map((places) => Math.max(1, this.#cursor + 1 - places));
    this.#nowMs += afterMs;
    this.#log.transactionSync(() => this.#do(does, numbers, levels));
    this.#check(does);
    this.#checkLog();
  }

  #do(does: Step["does"], numbers: number[], levels: Step["levels"]): void {
    if (does === "join") this.#join(numbers.length);
    else if (does === "ask") this.#judge({ claims: numbers });
    else if (does === "leave") this.#judge({ departures: numbers });
    else if (does === "renew") this.#renew(numbers);
    else if (does === "finish") this.#finish(numbers);
    else {
      this.#sequence += 1;
      this.#store.writeLevel(levels, this.#sequence);
      this.#book.tick(this.#nowMs);
    }
  }

  #judge(batch: Partial<JudgedBatch>): void {
    this.#book.judge({ claims: [], departures: [], renewals: [], ...batch }, this.#nowMs);
  }

  /** Some know when their pass ends, others are out of date. */
  #renew(numbers: number[]): void {
    const renewals = numbers.map((number, index) => {
      const expiresAtMs = this.#claims.claim(number)?.expires_at_ms ?? 0;
      return { number, expiresAtMs: index === 2 ? expiresAtMs - 1 : expiresAtMs };
    });
    const before = renewals.map(({ number }) => this.#claims.claim(number));
    this.#judge({ renewals });
    for (const claim of before) if (claim) this.#checkRenewal(claim);
  }

  #checkRenewal({ number, claimed_at_ms, expires_at_ms, ended }: Claim): void {
    const after = this.#claims.claim(number);
    const endsAtMs = after?.expires_at_ms ?? 0;
    // Whoever asks may be let in by the same batch.
    if (claimed_at_ms === null || expires_at_ms === endsAtMs) return;
    must(ended === null && after?.claimed_at_ms === claimed_at_ms, "only who is inside is renewed");
    must(endsAtMs > (expires_at_ms ?? 0), "a renewal takes nothing away");
    must(endsAtMs <= (claimed_at_ms ?? 0) + 6 * SESSION_MS, "a stay ends some time");
    this.#firstTimes.set(number, `${claimed_at_ms}-${endsAtMs}`);
  }

  /** Only those who were granted a pass can buy. */
  #finish(numbers: number[]): void {
    const granted = numbers.filter((number) => this.#claims.claim(number)?.claimed_at_ms != null);
    this.#book.finish(
      granted.map((number) => ({ number, units: number % 2 })),
      this.#nowMs,
    );
  }

  #join(count: number): void {
    const before = this.#store.read()?.line.lastNumber ?? 0;
    const due = Array.from({ length: count }, () => {
      this.#laneSeq += 1;
      const join = { lane: 0, laneSeq: this.#laneSeq, arrivedAtMs: this.#nowMs };
      return { join, stampMs: this.#nowMs };
    });
    const numbers = this.#joins.number(due);
    must(
      numbers.every(({ number }, index) => number === before + index + 1),
      "numbers follow each other",
    );
    must(
      this.#joins.number(due).every(({ number }, index) => number === numbers[index]?.number),
      "a repeat gives the same numbers",
    );
  }

  /** Two ticks is what a place may stay free while somebody asks; here no tick ends so. */
  #isIdle(does: Step["does"], inside: number, asking: number[], granted: ClaimRow[]): boolean {
    const state = this.#store.read();
    const isOpen = state !== null && state.line.closedAtMs === null;
    const counted = granted.filter((row) => (row.claimed_at_ms ?? 0) > this.#nowMs - 61_000);
    const isFree = inside < CAPACITY && counted.length < RATE_PER_MINUTE;
    return does === "tick" && isOpen && isFree && asking.length > 0;
  }

  #check(does: Step["does"]): void {
    const line = this.#store.read()?.line;
    if (!line) throw new Error("The line was opened above.");
    const claims = this.#sql.exec<ClaimRow>("SELECT * FROM claim").toArray();
    const open = this.#sql.exec<Invitation>("SELECT * FROM invitation WHERE lapsed = 0").toArray();
    const granted = claims.filter((claim) => claim.claimed_at_ms !== null);
    const inside = granted.filter((claim) => claim.ended === null).length;
    const asking = this.#claims.asking(100);
    let unanswered = 0;
    for (const row of open) unanswered += row.last_number - row.first_number + 1 - row.answered;

    must(line.inside === inside, `inside ${line.inside} is what the rows say, ${inside}`);
    must(inside <= CAPACITY && line.insidePeak <= CAPACITY, "capacity is hard");
    must(
      line.openInvitations === unanswered + asking.length,
      `open invitations ${line.openInvitations} = unanswered ${unanswered} + asking ${asking.length}`,
    );
    must(unanswered >= 0, "an invitation is answered once");
    must(line.cursor >= this.#cursor && line.cursor <= line.lastNumber, "the cursor moves on");
    this.#cursor = line.cursor;
    must(
      granted.every((claim) => claim.number <= line.cursor),
      "only invited numbers are granted",
    );
    this.#checkOrder(granted, asking);
    must(!this.#isIdle(does, inside, asking, granted), "nobody asks while there is room");
    const lastMinute = granted.filter((row) => (row.claimed_at_ms ?? 0) > this.#nowMs - 60_000);
    must(lastMinute.length <= RATE_PER_MINUTE, "claims keep to the rate");
  }

  /** What the log tells of everybody is what is written of them, and so is the cursor. */
  #checkLog(): void {
    this.#entries += this.#told.read(new LogStore(this.#storage).entries(this.#entries, 1e6));
    const line = this.#store.read()?.line;
    must(this.#told.joined === line?.lastNumber, "the log tells every join");
    must(this.#told.invited === line?.cursor, "the log tells how far the cursor is");
    const rows = this.#sql.exec<ClaimRow>("SELECT * FROM claim").toArray();
    const told = new Map(this.#told.turns);
    for (const { number, claimed_at_ms, expires_at_ms, ended } of rows) {
      const turn = ended ?? (claimed_at_ms === null ? "asking" : `inside until ${expires_at_ms}`);
      must(told.get(number) === turn, `the log tells ${told.get(number)} of ${number}: ${turn}`);
      told.delete(number);
    }
    for (const [number, turn] of told)
      must(
        turn === "lapsed" && this.#claims.invitationOf(number)?.lapsed === 1,
        "the log tells of nobody else, but who let it lapse",
      );
  }

  /** Who was granted in this step comes before everyone who asked and still waits. */
  #checkOrder(granted: ClaimRow[], asking: number[]): void {
    let highest = 0;
    for (const { number, claimed_at_ms, expires_at_ms } of granted) {
      const times = `${claimed_at_ms}-${expires_at_ms}`;
      if (!this.#firstTimes.has(number)) highest = Math.max(highest, number);
      must((this.#firstTimes.get(number) ?? times) === times, "a pass never changes");
      this.#firstTimes.set(number, times);
    }
    must(
      asking.every((number) => number > highest),
      "claims are granted in order of number",
    );
  }
}

/** What a reader of the log makes of it. */
class Told {
  readonly turns = new Map<number, string>();
  joined = 0;
  invited = 0;

  /** Reads entries that follow those before; how many. */
  read(entries: { entry: Uint8Array }[]): number {
    for (const { entry } of entries) this.#take(readEntry(Buffer.from(entry).toString()));
    return entries.length;
  }

  #take(entry: LogEntry): void {
    switch (entry.kind) {
      case "joined":
        this.joined += 1;
        must(entry.number === this.joined, "numbers are told in their order");
        break;
      case "invited":
        must(entry.first === this.invited + 1, "nobody is left out");
        this.invited = entry.through;
        break;
      case "asked":
        must(!this.turns.has(entry.number), "who asks is told once");
        this.turns.set(entry.number, "asking");
        break;
      case "granted":
      case "renewed":
        this.turns.set(entry.number, `inside until ${entry.expiresAtMs}`);
        break;
      case "over":
        this.turns.set(entry.number, entry.how);
        break;
      case "lapsed":
        for (let number = entry.first; number <= entry.through; number++)
          if (!this.turns.has(number)) this.turns.set(number, "lapsed");
        break;
      case "opened":
        break;
      case "controlled":
      case "turned":
      case "led":
      case "drawn":
      case "randomness":
      case "revealed":
      case "estimated":
        must(false, "nothing else is told here");
    }
  }
}

/** Runs histories in an object's storage, each undone before the next. */
function checkHistories(Store: StoreClass, options: Parameters<unknown> = {}): Promise<void> {
  const object = bindings.SKU.getByName(uniqueName("book"));
  return runInDurableObject(object, (_, { storage }) => {
    storage.sql.exec("DROP TABLE migration");
    const undone = new Error("undone");
    const anyHistory = array(anyStep, { minLength: 5, maxLength: 60, size: "max" });
    assert(
      property(anyHistory, (steps) => {
        try {
          storage.transactionSync(() => {
            const model = new Model(storage, Store);
            for (const step of steps) model.run(step);
            throw undone;
          });
        } catch (error) {
          if (error !== undone) throw error;
        }
      }),
      { numRuns: 200, endOnFailure: true, ...options },
    );
  });
}

class FreesTwice extends ClaimStore {
  override end(number: number, ended: ClaimEnd): boolean {
    return super.end(number, ended) || this.claim(number) !== null;
  }
}

class GrantsTheLatestFirst extends ClaimStore {
  override asking(limit: number): number[] {
    return super.asking(1_000).toReversed().slice(0, limit);
  }
}

class ForgetsAnswers extends ClaimStore {
  override countAnswer(): void {
    // Answers go uncounted: those who came lapse once more.
  }
}

class GrantsOneAtATime extends ClaimStore {
  override asking(limit: number): number[] {
    return super.asking(limit).slice(0, 1);
  }
}

class GrantsAnew extends ClaimStore {
  override grant(number: number, claimedAtMs: number, expiresAtMs: number): void {
    super.grant(number, claimedAtMs, expiresAtMs);
    const inside = this.claim(number - 1);
    if (inside?.claimed_at_ms != null) super.grant(number - 1, claimedAtMs, expiresAtMs);
  }
}

describe("the line's book", () => {
  it("agrees with its rows after any history, and keeps capacity, rate and order", async () => {
    await checkHistories(ClaimStore);
  });

  it.each([
    ["frees a place twice", FreesTwice],
    ["grants the latest first", GrantsTheLatestFirst],
    ["grants one at a time", GrantsOneAtATime],
    ["forgets who answered", ForgetsAnswers],
    ["changes a pass that was given", GrantsAnew],
  ])("the check finds a store that %s", async (_, Store) => {
    let found = "";
    await checkHistories(Store, { seed: 1, numRuns: 1_000 }).catch((error: unknown) => {
      found = String((error as Error).cause);
    });
    expect(found).toContain("Broken: ");
  });
});
