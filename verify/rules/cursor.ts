import type { Findings } from "../finding.ts";
import type { EntryOf } from "./entry.ts";
import { LAPSED, SILENT, WAITING, type Numbers } from "./numbers.ts";
import { CLOCKS_APART_MAX_MS, type Leading } from "./terms.ts";

/** So many times the capacity may be invited and silent … */
const SILENT_MAX_CAPACITIES = 20;
/** … of those who were invited within this time: who has been silent for longer is not waited for. */
const SILENT_COUNTS_MS = 128_000;

interface Invitation {
  first: number;
  through: number;
  atMs: number;
  silent: number;
}

/** The cursor: numbers are invited one after the other, none is left out, and nobody's turn lapses early. */
export class Cursor {
  readonly #findings: Findings;
  readonly #leading: Leading;
  readonly #numbers: Numbers;
  readonly #invitations: Invitation[] = [];
  /** The first invitation of which the silent still count, and how many they are from there on. */
  #recent = 0;
  #silent = 0;
  /** Numbers up to here are invited. */
  invited = 0;
  lapsed = 0;

  constructor(findings: Findings, leading: Leading, numbers: Numbers) {
    this.#findings = findings;
    this.#leading = leading;
    this.#numbers = numbers;
  }

  /** @param numbered how many have a number. */
  invite(entry: EntryOf<"invited">, numbered: number, at: number): void {
    const { first, through, atMs } = entry;
    const who = `${first} to ${through}`;
    if (first !== this.invited + 1 || through < first)
      this.#add(
        at,
        `${who} are invited; the cursor stood at ${this.invited}, next is ${this.invited + 1}`,
      );
    if (through > numbered)
      return this.#add(at, `${who} are invited, and only ${numbered} have a number`);
    const closed = this.#leading.closedBecause(atMs);
    if (closed !== null && this.#leading.closedBecause(atMs - CLOCKS_APART_MAX_MS) !== null)
      this.#add(at, `${who} are invited though ${closed}`);
    let silent = 0;
    for (let number = Math.max(first, this.invited + 1); number <= through; number++) {
      if (this.#numbers.stage(number) !== WAITING) continue;
      this.#numbers.move(number, SILENT, atMs);
      silent += 1;
    }
    this.#invitations.push({ first: this.invited + 1, through, atMs, silent });
    this.invited = Math.max(this.invited, through);
    this.#forget(atMs);
    this.#silent += silent;
    const most = SILENT_MAX_CAPACITIES * this.#leading.bounds.capacity;
    if (this.#silent > most)
      this.#add(at, `${this.#silent} are invited and silent; the capacity allows ${most}`);
  }

  /** Somebody who was invited and silent asked, was let in or left. */
  answered(number: number): void {
    const index = this.#find(number);
    const invitation = this.#invitations[index];
    if (!invitation) return;
    invitation.silent -= 1;
    if (index >= this.#recent) this.#silent -= 1;
  }

  lapse({ first, through, atMs }: EntryOf<"lapsed">, at: number): void {
    if (first > through || through > this.invited)
      return this.#add(at, `${first} to ${through} lapse, and ${this.invited} are invited`);
    const young = this.tooYoungMs(this.invitedAtMs(through) ?? atMs, atMs);
    if (young > 0) this.#add(at, `${first} to ${through} lapse ${young} ms too early`);
    for (let number = first; number <= through; number++) {
      if (this.#numbers.stage(number) !== SILENT) continue;
      this.answered(number);
      this.#numbers.move(number, LAPSED, atMs);
      this.lapsed += 1;
    }
  }

  /** When a number was invited. */
  invitedAtMs(number: number): number | null {
    return this.#invitations[this.#find(number)]?.atMs ?? null;
  }

  /** By how much what began then is too young to lapse now, were the clock set back; 0 or less: it may. */
  tooYoungMs(sinceMs: number, atMs: number): number {
    const claimMs = (this.#leading.terms?.claimSeconds ?? 0) * 1_000;
    return sinceMs + claimMs - Math.min(CLOCKS_APART_MAX_MS, claimMs / 2) - atMs;
  }

  /** Where the invitation of a number is. */
  #find(number: number): number {
    let [low, high] = [0, this.#invitations.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#invitations[middle]?.through ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forget(nowMs: number): void {
    for (;;) {
      const oldest = this.#invitations[this.#recent];
      if (!oldest || oldest.atMs > nowMs - SILENT_COUNTS_MS) return;
      this.#silent -= oldest.silent;
      this.#recent += 1;
    }
  }

  #add(at: number, says: string): void {
    this.#findings.add("cursor", at, says);
  }
}
