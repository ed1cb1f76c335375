import type { Origin } from "../../domain/books/actor.ts";
import type { SaleControl } from "../../domain/purchase/sale.ts";
import type { ManualRuntime } from "../../test/system/support/manual-runtime.ts";
import { control, NOON_MS } from "../../test/system/support/samples.ts";

/** Longer than all turns together. */
const LONG_MS = 1e11;

/** A real object over real tables that were filled, with a clock that stands still until it is moved. */
export interface World {
  readonly storage: DurableObjectStorage;
  /** One round of the object's commands, each once in `step`. Worlds of two sizes do the same in a turn. */
  turn(turn: number, step: Step): Promise<void>;
}

/** Runs a command, measured under a name; what it came to. One that changes nothing may be run again and again. */
export type Step = <Result>(
  name: string,
  run: () => Promise<Result>,
  changesNothing?: "changes nothing",
) => Promise<Result>;

/** A sale that runs for as long as anybody measures. */
export function endlessControl(changes: Partial<SaleControl> = {}): SaleControl {
  return control({ endsAtMs: FAR_MS, ...changes });
}

/** A time that does not come. */
export const FAR_MS = NOON_MS + LONG_MS;

/** Where requests come from: as long as in production. */
export const ORIGIN: Origin = {
  address: "n".repeat(22),
  device: "d".repeat(22),
  traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
};

/** Far apart in a table of up to a million, and each once: a prime. */
const SPREAD = 7_919_003;

/** Where the `count`-th new row goes in a table of so many: anywhere, as ids in production do, which are random. */
export function anywhere(count: number, size: number): string {
  return String(((count * SPREAD) % size) + 1).padStart(7, "0");
}

/** Makes a call and lets everything run that it waits for, timers of the next `ms` included. */
export async function answered<Answer>(
  runtime: ManualRuntime,
  call: Promise<Answer>,
  ms = 0,
): Promise<Answer> {
  // Who waits hears of a failure; nobody else does.
  call.catch(() => undefined);
  await runtime.advance(ms);
  return call;
}

/** The answer of a command that has to succeed. */
export function accepted<Answer extends { ok: boolean }>(answer: Answer): Answer & { ok: true } {
  if (!answer.ok) throw new Error(`A command was refused: ${JSON.stringify(answer)}`);
  return answer as Answer & { ok: true };
}
