import type { Findings } from "../finding.ts";
import type { Cursor } from "./cursor.ts";
import type { EntryOf } from "./entry.ts";
import { ASKING, INSIDE, LAPSED, Lowest, OVER, SILENT, WAITING, type Numbers } from "./numbers.ts";
import { Rate } from "./rate.ts";
import { CLOCKS_APART_MAX_MS, type Leading } from "./terms.ts";

/** A stay is renewed until six of its durations after it began, and no further. */
const SESSIONS_MAX = 6;

const BECAUSE: Record<number, string> = {
  [WAITING]: "was not invited",
  [INSIDE]: "was let in before",
  [LAPSED]: "had let the turn lapse",
  [OVER]: "had come to the end of the turn",
};

interface Stay {
  sinceMs: number;
  expiresAtMs: number;
}

/** Who is let in: whose turn it is, in order, as many as the room, the rate and the state of the sale allow. */
export class Admissions {
  readonly #findings: Findings;
  readonly #leading: Leading;
  readonly #numbers: Numbers;
  readonly #cursor: Cursor;
  readonly #rate = new Rate();
  readonly #asking = new Lowest();
  readonly #askedAtMs = new Map<number, number>();
  readonly #inside = new Map<number, Stay>();
  granted = 0;
  insideMost = 0;
  /** How each turn ended. */
  readonly ends = new Map<string, number>();
  /** How far the writer's clock was seen behind the log: the log's time never goes back, a clock may. */
  behindMs = 0;

  constructor(findings: Findings, leading: Leading, numbers: Numbers, cursor: Cursor) {
    this.#findings = findings;
    this.#leading = leading;
    this.#numbers = numbers;
    this.#cursor = cursor;
  }

  /** The most who were let in within 60 seconds. */
  get rateMost(): number {
    return this.#rate.most;
  }

  ask({ number, atMs }: EntryOf<"asked">, at: number): void {
    const stage = this.#numbers.stage(number);
    if (stage !== SILENT)
      return this.#add(at, `number ${number} asks, and ${BECAUSE[stage] ?? "asked before"}`);
    this.#cursor.answered(number);
    this.#numbers.move(number, ASKING, atMs);
    this.#askedAtMs.set(number, atMs);
    this.#asking.add(number);
  }

  grant({ number, expiresAtMs, atMs }: EntryOf<"granted">, at: number): void {
    const who = `number ${number} is let in`;
    const nowMs = expiresAtMs - this.#leading.controls.sessionDurationSeconds * 1_000;
    if (nowMs > atMs) this.#add(at, `${who} for ${nowMs - atMs} ms longer than a session lasts`);
    else if (atMs - nowMs > CLOCKS_APART_MAX_MS)
      this.#add(at, `${who} by a clock that was ${atMs - nowMs} ms behind`);
    else this.behindMs = Math.max(this.behindMs, atMs - nowMs);
    const closed = this.#leading.closedBecause(Math.min(nowMs, atMs));
    if (closed !== null) this.#add(at, `${who} though ${closed}`);

    const stage = this.#numbers.stage(number);
    const reason = BECAUSE[stage];
    if (reason !== undefined) return this.#add(at, `${who}, and ${reason}`);
    if (stage === SILENT) this.#cursor.answered(number);
    this.#askedAtMs.delete(number);
    this.#numbers.move(number, INSIDE, atMs);
    this.#inside.set(number, { sinceMs: nowMs, expiresAtMs });
    this.granted += 1;
    this.insideMost = Math.max(this.insideMost, this.#inside.size);

    const before = this.#asking.lowest((asks) => this.#numbers.stage(asks) === ASKING);
    if (before !== null && before < number)
      this.#add(at, `${who} before number ${before}, who had asked`);
    const { capacity, perMinute } = this.#leading.bounds;
    if (this.#inside.size > capacity)
      this.#add(
        at,
        `${who}, which makes ${this.#inside.size} inside, where there is room for ${capacity}`,
      );
    const within = this.#rate.count(nowMs, atMs);
    if (within > perMinute)
      this.#add(
        at,
        `${who}, which makes ${within} within 60 s, where the rate allows ${perMinute}`,
      );
  }

  renew({ number, expiresAtMs, atMs }: EntryOf<"renewed">, at: number): void {
    const { disableSessionRenewal, sessionDurationSeconds } = this.#leading.controls;
    const who = `the stay of number ${number} is renewed`;
    const stay = this.#inside.get(number);
    if (!stay) return this.#add(at, `${who}, and it is not inside`);
    const sessionMs = sessionDurationSeconds * 1_000;
    const mostMs = Math.min(atMs + sessionMs, stay.sinceMs + SESSIONS_MAX * sessionMs);
    if (disableSessionRenewal) this.#add(at, `${who} where none is`);
    if (expiresAtMs > mostMs) this.#add(at, `${who} for ${expiresAtMs - mostMs} ms too long`);
    if (expiresAtMs < stay.expiresAtMs) this.#add(at, `${who} and ends sooner for it`);
    stay.expiresAtMs = expiresAtMs;
  }

  /** @param numbered how many have a number. */
  end({ number, how, atMs }: EntryOf<"over">, numbered: number, at: number): void {
    const stage = this.#numbers.stage(number);
    const isGiven = number <= numbered;
    const wrong = isGiven ? this.#whyNotOver(number, how, atMs) : "nobody has that number";
    if (wrong !== null) this.#turn(at, `number ${number} is over (${how}), and ${wrong}`);
    if (!isGiven || stage === OVER) return;
    if (stage === SILENT) this.#cursor.answered(number);
    this.#inside.delete(number);
    this.#askedAtMs.delete(number);
    this.#numbers.move(number, OVER, atMs);
    this.ends.set(how, (this.ends.get(how) ?? 0) + 1);
  }

  #whyNotOver(number: number, how: string, atMs: number): string | null {
    const stage = this.#numbers.stage(number);
    const stay = this.#inside.get(number);
    if (stage === OVER) return "it was over before";
    switch (how) {
      case "finished":
        return stay ? null : "it is not inside";
      case "expired":
        if (!stay) return "it is not inside";
        return atMs < stay.expiresAtMs ? `its stay had ${stay.expiresAtMs - atMs} ms left` : null;
      case "lapsed":
        return this.#whyNotLapsed(number, stage, atMs);
      default:
        return null;
    }
  }

  /** Who asked lapses as long after it as who was invited does after that; who asks too late has lapsed. */
  #whyNotLapsed(number: number, stage: number, atMs: number): string | null {
    if (stage === LAPSED) return null;
    if (stage !== ASKING && stage !== SILENT) return "its turn was not open";
    const sinceMs = this.#askedAtMs.get(number) ?? this.#cursor.invitedAtMs(number) ?? atMs;
    const young = this.#cursor.tooYoungMs(sinceMs, atMs);
    return young > 0 ? `its turn had ${young} ms left` : null;
  }

  #add(at: number, says: string): void {
    this.#findings.add("admissions", at, says);
  }

  #turn(at: number, says: string): void {
    this.#findings.add("turns", at, says);
  }
}
