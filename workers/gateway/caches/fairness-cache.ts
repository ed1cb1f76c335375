import type { SaleFairness } from "../../../domain/fairness/report.ts";
import type { UnitCount } from "../../../domain/fairness/units.ts";
import type { Runtime } from "../../../durable-objects/runtime.ts";
import { ValueCache } from "../../caching/value-cache.ts";
import type { Caller } from "../bindings.ts";
import { callObject } from "../object-calls.ts";

/** The report itself is made at most every ten seconds. */
const REPORT_FRESH_MS = 5_000;
/** Of the units all of the sale's orders are read. */
const UNITS_FRESH_MS = 60_000;
/** An old report is true, too, and says of when it is: it stands in while a new one is made. */
const KEEP_MS = 120_000;
/** Reports of one isolate: some 20 kB each. */
const REPORTS_MAX = 100;

/** What the queue and the orders say of a sale's fairness. */
export interface FairnessFacts {
  report: SaleFairness;
  /** `null` while the database does not answer. */
  units: UnitCount[] | null;
}

/** The fairness of sales, as the isolate last heard of it. */
export class FairnessCache {
  readonly #reports: ValueCache<SaleFairness>;
  readonly #units: ValueCache<UnitCount[]>;

  constructor(runtime: Pick<Runtime, "now">) {
    const options = (freshMs: number) => ({
      runtime,
      freshMs,
      refreshMs: 2 * freshMs,
      keepMs: KEEP_MS,
      entriesMax: REPORTS_MAX,
    });
    this.#reports = new ValueCache(options(REPORT_FRESH_MS));
    this.#units = new ValueCache(options(UNITS_FRESH_MS));
  }

  /** The fairness of a sale that is known to exist; `null` where it has no log. */
  async get({ env, waitUntil }: Caller, saleId: string): Promise<FairnessFacts | null> {
    const [report, units] = await Promise.all([
      this.#reports.get(saleId, {
        load: () => callObject(() => env.WAITING_ROOM.fairness(saleId)),
        waitUntil,
      }),
      this.#units
        .get(saleId, {
          load: () => callObject(() => env.PURCHASE.unitsPerShopper(saleId)),
          waitUntil,
        })
        .catch((error: unknown) => {
          console.warn({ event: "fairness.units_unread", saleId, error: String(error) });
          return null;
        }),
    ]);
    return report && { report, units };
  }
}
