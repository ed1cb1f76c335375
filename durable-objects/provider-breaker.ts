import { DurableObject } from "cloudflare:workers";
import {
  admit,
  CLOSED_BREAKER,
  hear,
  opensAtMs,
  type Breaker,
  type BreakerReport,
  type BreakerTerms,
  type Permit,
} from "../domain/purchase/breaker.ts";
import { breakerTermsOf, type TimeScaleSetting } from "../domain/purchase/schedule.ts";
import { migrate } from "./migrate.ts";
import { systemRuntime, type Runtime } from "./runtime.ts";

const MIGRATIONS = [
  `CREATE TABLE breaker (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     body TEXT NOT NULL
   ) STRICT;`,
];

/**
 * What all consumers know together of one payment provider: whether it answers. It is asked and told once
 * a batch, and writes when something changes; while all goes well, nothing.
 */
export class ProviderBreaker extends DurableObject<TimeScaleSetting> {
  readonly #runtime: Runtime;
  readonly #terms: BreakerTerms;

  constructor(ctx: DurableObjectState, env: TimeScaleSetting, runtime: Runtime = systemRuntime) {
    super(ctx, env);
    this.#runtime = runtime;
    this.#terms = breakerTermsOf(env);
    migrate(ctx.storage, MIGRATIONS);
  }

  /** What a batch may do now. */
  admit(): Permit {
    const before = this.#read();
    const { permit, breaker } = admit(before, this.#runtime.now(), this.#terms);
    this.#write(before, breaker);
    return permit;
  }

  /** Takes a batch's report. */
  report(report: BreakerReport): void {
    const before = this.#read();
    const nowMs = this.#runtime.now();
    const breaker = hear(before, report, nowMs, this.#terms);
    this.#write(before, breaker);
    const { name: provider } = this.ctx.id;
    if (breaker.openUntilMs !== null && breaker.openUntilMs !== before.openUntilMs)
      console.warn({ event: "breaker.opened", provider, untilMs: breaker.openUntilMs, ...report });
    if (breaker.openUntilMs === null && before.openUntilMs !== null)
      console.warn({ event: "breaker.closed", provider });
  }

  /** When the provider may be asked again; `null` when it may be asked now. */
  opensAtMs(): number | null {
    return opensAtMs(this.#read(), this.#runtime.now());
  }

  #read(): Breaker {
    const [row] = this.ctx.storage.sql.exec<{ body: string }>("SELECT body FROM breaker").toArray();
    return row ? (JSON.parse(row.body) as Breaker) : CLOSED_BREAKER;
  }

  #write(before: Breaker, breaker: Breaker): void {
    const body = JSON.stringify(breaker);
    if (body === JSON.stringify(before)) return;
    this.ctx.storage.sql.exec(
      `INSERT INTO breaker (id, body) VALUES (1, ?)
       ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      body,
    );
  }
}
