import type { Told } from "./played.ts";

/** Of a line, of one that is drawn at its start, or of one that is drawn every half minute. */
export type Which = "line" | "drawn" | "rounds";

/** Changes the entries of an honest log. */
export type Edit = (told: Told[]) => Told[];

/** What is changed, in which sale, how, and what it is found out by. */
export type Tampering = [what: string, which: Which, edit: Edit, reason: RegExp];

/** Where the n-th entry of a kind is, from 0. */
export function at(told: readonly Told[], kind: string, nth = 0, like: object = {}): number {
  const found = told.flatMap((entry, index) => {
    const isLike = Object.entries(like).every(([name, value]) => entry[name] === value);
    return entry.kind === kind && isLike ? index : [];
  });
  const index = found[nth];
  if (index === undefined) throw new Error(`The sale has no ${kind} number ${nth}.`);
  return index;
}

/** With other fields in one entry. */
export function withFields(told: Told[], index: number, fields: object): Told[] {
  return told.map((entry, own) => (own === index ? { ...entry, ...fields } : entry));
}

/** With one entry moved to stand before another, and told at its time. */
export function moved(told: Told[], from: number, before: number): Told[] {
  const [entry] = told.slice(from, from + 1);
  const atMs = told[before]?.atMs ?? 0;
  const rest = told.toSpliced(from, 1);
  return rest.toSpliced(from < before ? before - 1 : before, 0, { ...entry, atMs } as Told);
}

/** With the same field of two entries exchanged. */
export function exchanged(told: Told[], [a, b]: [number, number], fields: string[]): Told[] {
  const of = (index: number) =>
    Object.fromEntries(fields.map((name) => [name, told[index]?.[name]]));
  return withFields(withFields(told, a, of(b)), b, of(a));
}

/** With one entry told twice. */
export function repeated(told: Told[], index: number): Told[] {
  return told.toSpliced(index, 0, ...told.slice(index, index + 1));
}

/** The terms, changed from the beginning. */
export function withTerms(told: Told[], terms: object): Told[] {
  return withFields(told, 0, { terms: { ...(told[0]?.["terms"] as object), ...terms } });
}

/** A grant that waited for its turn behind an `asked`, and the next one who did. */
export function waiters(told: Told[]): [number, number] {
  const numbers = told.flatMap(({ kind, number }) => (kind === "asked" ? (number as number) : []));
  for (const number of numbers) {
    const [asked, granted] = [
      at(told, "asked", 0, { number }),
      told.findIndex((entry) => entry.kind === "granted" && entry["number"] === number),
    ];
    const later = numbers.find((other) => {
      const [asks, lets] = [
        at(told, "asked", 0, { number: other }),
        told.findIndex((entry) => entry.kind === "granted" && entry["number"] === other),
      ];
      return other > number && asks > asked && asks < granted && lets > granted;
    });
    if (later !== undefined) return [granted, at(told, "granted", 0, { number: later })];
  }
  throw new Error("Nobody waited behind another.");
}
