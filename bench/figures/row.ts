import { renderTable } from "../table.ts";

/** One figure with what it aims at. */
export interface Row {
  figure: string;
  value: string;
  /** What it should be; empty where a figure is only shown. */
  target: string;
  /** Null where there is no target. */
  isMet: boolean | null;
  /** A promise: one that is broken fails the command; a target that is missed does not. */
  isPromise: boolean;
}

/** The rows of one part, and how busy the machine was. */
export interface PartRows {
  part: string;
  /** Load average of the last minute, before the part began. */
  loadBefore: number;
  rows: readonly Row[];
}

/** A figure that is only shown. */
export function shown(figure: string, value: string): Row {
  return { figure, value, target: "", isMet: null, isPromise: false };
}

/** A figure that should be at most this. */
export function atMost(
  figure: string,
  value: number,
  max: number,
  render: (value: number) => string,
  more = "",
): Row {
  const target = `at most ${render(max)}`;
  return {
    figure,
    value: `${render(value)}${more}`,
    target,
    isMet: value <= max,
    isPromise: false,
  };
}

/** A count that has to be 0. */
export function none(figure: string, count: number): Row {
  const value = count.toLocaleString("en-US");
  return { figure, value, target: "0", isMet: count === 0, isPromise: true };
}

/** The table of all parts. */
export function renderRows(parts: readonly PartRows[]): string {
  const header = ["part", "load", "figure", "measured", "target", "met"];
  const rows = parts.flatMap(({ loadBefore, part, rows }) =>
    rows.map(({ figure, isMet, target, value }) => {
      const met = isMet === null ? "" : isMet ? "yes" : "NO";
      return [part, loadBefore.toFixed(1), figure, value, target, met];
    }),
  );
  return renderTable([header, ...rows], [0, 2, 3, 4, 5]).join("\n");
}

/** Whether every promise was kept. */
export function promisesAreKept(parts: readonly PartRows[]): boolean {
  return parts.every(({ rows }) => rows.every(({ isMet, isPromise }) => !isPromise || isMet));
}
