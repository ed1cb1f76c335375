import { FAULT_OPTIONS } from "./fault-options.ts";
import { DRIVER_OPTIONS, type ParsedOptions, UsageError } from "./options.ts";
import { readTrace, scaleTrace, type Trace } from "./trace.ts";

const SCALE_MAX = 100;
const WINDOW_MAX_MS = 500;
/** Options that go with a trace; every other number is the trace's to say. */
const TRACE_OPTIONS: ReadonlySet<string> = new Set([
  ...DRIVER_OPTIONS,
  "url",
  "admin-token",
  "trace",
  "scale",
  "window",
  ...Object.keys(FAULT_OPTIONS),
  "time-scale",
  "report",
]);

/** The trace of this name as the command line wants it. Throws `UsageError`. */
export async function traceOf(
  { given, texts }: ParsedOptions<"scale" | "window">,
  name: string,
): Promise<Trace> {
  const stray = given.find((option) => !TRACE_OPTIONS.has(option));
  if (stray !== undefined) {
    throw new UsageError(`--${stray} does not go with --trace: the trace says it`);
  }
  const trace = scaleTrace(await readTrace(name), scaleOf(texts.scale));
  const { reorderWindowMs } = trace.line;
  const windowMs = wholeOf("window", texts.window, reorderWindowMs, WINDOW_MAX_MS);
  return { ...trace, line: { ...trace.line, reorderWindowMs: windowMs } };
}

/** The factor that a trace's crowd is multiplied by. Throws `UsageError`. */
export function scaleOf(text: string | undefined): number {
  const factor = numberOf("scale", text, 1, SCALE_MAX);
  if (factor === 0) throw new UsageError("--scale must be greater than 0");
  return factor;
}

function wholeOf(name: string, text: string | undefined, fallback: number, max: number): number {
  const value = numberOf(name, text, fallback, max);
  if (!Number.isInteger(value)) throw new UsageError(`--${name} must be a whole number`);
  return value;
}

function numberOf(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= max)) {
    throw new UsageError(`--${name} must be a number from 0 to ${max}`);
  }
  return value;
}
