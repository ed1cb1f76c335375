import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useTestClock } from "../test/system/support/clock.ts";
import { bindings, rowsOf, uniqueName } from "../test/system/support/objects.ts";
import { NOON_MS, SECOND_MS } from "../test/system/support/samples.ts";
import { ProviderBreaker } from "./provider-breaker.ts";

const clock = useTestClock();
const FAILED = { failures: 5, successes: 0, isTrial: false };
const OPENS_MS = NOON_MS + 30 * SECOND_MS;

function breakerOfIts(name = uniqueName("provider")): DurableObjectStub<ProviderBreaker> {
  return bindings.PROVIDER_BREAKER.getByName(name);
}

const warnings = vi.spyOn(console, "warn");
beforeEach(() => {
  warnings.mockReset().mockReturnValue();
});
afterEach(() => {
  warnings.mockReset();
});

describe("the breaker of a provider", () => {
  it("opens, is tried once after its time, and closes", async () => {
    const breaker = breakerOfIts();
    expect(await breaker.admit()).toEqual({ kind: "ask" });
    await breaker.report(FAILED);
    expect(await breaker.admit()).toEqual({ kind: "wait", untilMs: OPENS_MS });
    expect(await breaker.opensAtMs()).toBe(OPENS_MS);
    clock.set(OPENS_MS);
    expect(await breaker.opensAtMs()).toBeNull();
    expect(await breaker.admit()).toEqual({ kind: "try", untilMs: OPENS_MS + 30 * SECOND_MS });
    expect(await breaker.admit()).toEqual({ kind: "wait", untilMs: OPENS_MS + 2 * SECOND_MS });
    await breaker.report({ failures: 0, successes: 1, isTrial: true });
    expect(await breaker.admit()).toEqual({ kind: "ask" });
  });

  it("says in the log when it opens and closes, and not in between", async () => {
    const provider = uniqueName("provider");
    const breaker = breakerOfIts(provider);
    await breaker.report({ ...FAILED, failures: 1 });
    await breaker.report(FAILED);
    await breaker.report(FAILED);
    clock.set(OPENS_MS);
    await breaker.admit();
    await breaker.report({ failures: 1, successes: 0, isTrial: true });
    clock.advance(30 * SECOND_MS);
    await breaker.admit();
    await breaker.report({ failures: 0, successes: 1, isTrial: true });
    await breaker.report({ failures: 0, successes: 9, isTrial: false });
    expect(warnings.mock.calls.map(([line]) => line)).toEqual([
      { event: "breaker.opened", provider, untilMs: OPENS_MS, ...FAILED },
      {
        event: "breaker.opened",
        provider,
        untilMs: OPENS_MS + 30 * SECOND_MS,
        failures: 1,
        successes: 0,
        isTrial: true,
      },
      { event: "breaker.closed", provider },
    ]);
  });

  it("is open for every consumer, and after a restart; another provider's is not", async () => {
    const breaker = breakerOfIts();
    await breaker.report(FAILED);
    const woken = await runInDurableObject(breaker, (_, state) =>
      new ProviderBreaker(state, {}).admit(),
    );
    expect(woken).toEqual({ kind: "wait", untilMs: OPENS_MS });
    expect(await breakerOfIts().admit()).toEqual({ kind: "ask" });
  });

  it("writes nothing while all goes well", async () => {
    const breaker = breakerOfIts();
    for (let batches = 0; batches < 3; batches++) {
      await breaker.admit();
      await breaker.report({ failures: 0, successes: 50, isTrial: false });
    }
    expect(await rowsOf(breaker, "SELECT * FROM breaker")).toEqual([]);
  });

  it("rests shorter where payments run faster", async () => {
    const permit = await runInDurableObject(breakerOfIts(), (_, state) => {
      const fast = new ProviderBreaker(state, { TIME_SCALE: "60" });
      fast.report(FAILED);
      return fast.admit();
    });
    expect(permit).toEqual({ kind: "wait", untilMs: NOON_MS + 2_000 });
  });
});
