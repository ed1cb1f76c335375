import { START_MS } from "../plan/plan.ts";
import { cut } from "./report.ts";

/** A trace ends with what was broken; this much of what went before tells the story. */
const LINES_MAX = 60;
const CHARS_MAX = 160;

/** A line of a history: its microseconds since the epoch, then what happened. */
const LINE = /^(\d+) ([^]*)$/;

/** A history for people: one line each, timed in seconds since the start of the sale. */
export function readable(lines: readonly string[]): string[] {
  return lines.map((line) => {
    const [, atUs, what = ""] = LINE.exec(line) ?? [];
    const seconds = (Number(atUs) / 1000 - START_MS) / 1000;
    return `${seconds.toFixed(6).padStart(12)} ${what.replaceAll(/\s*\n\s*/g, " | ")}`;
  });
}

/** The last lines of a history, long ones cut. */
export function shortTrace(lines: readonly string[]): string {
  const last = readable(lines.slice(-LINES_MAX)).map((line) => cut(line, CHARS_MAX));
  const earlier = lines.length - last.length;
  return [...(earlier > 0 ? [`… ${earlier} lines earlier`] : []), ...last].join("\n");
}
