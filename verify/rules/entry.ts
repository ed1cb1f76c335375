/*
 * What a sale's log tells, kind by kind, as docs/fairness.md has it. Kinds and fields are added and never
 * changed, so that what is not known here is no fault.
 */

/** What bounds who is let in. */
export interface Controls {
  newUsersPerMinute: number;
  totalActiveUsers: number;
  sessionDurationSeconds: number;
  disableSessionRenewal: boolean;
  queueAll: boolean;
  suspended: boolean;
}

/** When people are let in at all. */
export interface Control {
  mode: string;
  startsAtMs: number;
  endsAtMs: number;
}

/** What was settled about the sale before anybody came. */
export interface Terms extends Control, Omit<Controls, "queueAll" | "suspended"> {
  queueingMethod: string;
  claimSeconds: number;
  reorderWindowMs: number;
  seedHash: string | null;
  drawsMax: number;
  publicRandomness: { source: string; round: string } | null;
}

interface Range {
  first: number;
  through: number;
}

interface Stay {
  number: number;
  expiresAtMs: number;
}

type Told =
  | { kind: "opened"; terms: Terms }
  | {
      kind: "joined";
      index?: number;
      number?: number;
      arrivedAtMs: number;
      stampMs: number;
      binding: string;
    }
  | ({ kind: "controlled" } & Control)
  | { kind: "turned"; turn: "started" | "ended" }
  | { kind: "led"; controls: Controls }
  | { kind: "drawn"; draw: number; joined: number }
  | { kind: "randomness"; source: string; round: string; value: string }
  | { kind: "revealed"; draw: number; seed: string }
  | ({ kind: "invited" } & Range)
  | ({ kind: "lapsed" } & Range)
  | { kind: "asked"; number: number }
  | { kind: "estimated"; number: number }
  | ({ kind: "granted" } & Stay)
  | ({ kind: "renewed" } & Stay)
  | { kind: "over"; number: number; how: string };

/** An entry of a kind that is known. */
export type Entry = { sale: string; atMs: number } & Told;
export type Kind = Entry["kind"];
/** An entry of one kind. */
export type EntryOf<K extends Kind> = Extract<Entry, { kind: K }>;

type Test = (value: unknown) => boolean;

const text: Test = (value) => typeof value === "string";
const flag: Test = (value) => typeof value === "boolean";
const whole: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const counted: Test = (value) => whole(value) && value !== 0;
const digest: Test = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const maybe =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);
const orNull =
  (test: Test): Test =>
  (value) =>
    value === null || test(value);
const oneOf =
  (...texts: string[]): Test =>
  (value) =>
    texts.includes(value as string);
const fields =
  (tests: Record<string, Test>): Test =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(tests).every(([name, test]) => test((value as Record<string, unknown>)[name]));

const control = { mode: text, startsAtMs: whole, endsAtMs: whole };
const led = {
  newUsersPerMinute: whole,
  totalActiveUsers: whole,
  sessionDurationSeconds: whole,
  disableSessionRenewal: flag,
};
const range = { first: counted, through: counted };
const stay = { number: counted, expiresAtMs: whole };

const KINDS: Record<Kind, Test> = {
  opened: fields({
    terms: fields({
      ...control,
      ...led,
      queueingMethod: text,
      claimSeconds: whole,
      reorderWindowMs: whole,
      seedHash: orNull(digest),
      drawsMax: whole,
      publicRandomness: orNull(fields({ source: text, round: text })),
    }),
  }),
  joined: fields({
    index: maybe(counted),
    number: maybe(counted),
    arrivedAtMs: whole,
    stampMs: whole,
    binding: text,
  }),
  controlled: fields(control),
  turned: fields({ turn: oneOf("started", "ended") }),
  led: fields({ controls: fields({ ...led, queueAll: flag, suspended: flag }) }),
  drawn: fields({ draw: counted, joined: whole }),
  randomness: fields({ source: text, round: text, value: text }),
  revealed: fields({ draw: counted, seed: text }),
  invited: fields(range),
  lapsed: fields(range),
  asked: fields({ number: counted }),
  estimated: fields({ number: counted }),
  granted: fields(stay),
  renewed: fields(stay),
  over: fields({
    number: counted,
    how: oneOf("finished", "left", "expired", "lapsed", "revoked"),
  }),
};

/** What became of reading an entry: it, the name of a kind that is not known here, or what is wrong with it. */
export type Read =
  | { entry: Entry }
  | { unknown: string; sale: string; atMs: number }
  | { problem: string };

const base = fields({ sale: text, kind: text, atMs: whole });

/** Reads an entry's text. */
export function readEntry(bytes: Uint8Array): Read {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    return { problem: "is no JSON" };
  }
  if (!base(value)) return { problem: "does not say its sale, kind and time" };
  const { kind, sale, atMs } = value as { kind: string; sale: string; atMs: number };
  if (!Object.hasOwn(KINDS, kind)) return { unknown: kind, sale, atMs };
  return KINDS[kind as Kind](value)
    ? { entry: value as Entry }
    : { problem: `lacks what an entry of the kind "${kind}" tells` };
}
