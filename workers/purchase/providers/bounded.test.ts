import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PaymentOutcome } from "../../../domain/purchase/payment.ts";
import { ManualRuntime } from "../../../test/system/support/manual-runtime.ts";
import { bounded } from "./bounded.ts";
import type { PaymentProvider, PaymentRequest } from "./provider.ts";

const REQUEST: PaymentRequest = {
  orderId: "order-1",
  idempotencyKey: "order-1:1",
  token: "tok_ok",
  amount: 1,
  currency: "EUR",
};

function providerOf(answer: () => Promise<PaymentOutcome>): PaymentProvider {
  return { authorise: answer, enquire: answer, capture: answer, void: answer, refund: answer };
}

beforeEach(() => {
  vi.spyOn(console, "warn").mockReturnValue();
});

describe("a bounded provider", () => {
  const steps = ["authorise", "enquire", "capture", "void", "refund"] as const;

  it.each(steps)("%s: gives the answer and leaves no timer", async (step) => {
    const runtime = new ManualRuntime();
    const provider = bounded(
      providerOf(async () => ({ kind: "captured" })),
      runtime,
      5_000,
    );
    expect(await provider[step](REQUEST)).toEqual({ kind: "captured" });
    expect(runtime.delays()).toEqual([]);
  });

  it("does not know what becomes of a call that takes too long", async () => {
    const runtime = new ManualRuntime();
    const provider = bounded(
      providerOf(() => new Promise(() => {})),
      runtime,
      5_000,
    );
    const heard = vi.fn();
    void provider.capture(REQUEST).then(heard);
    await runtime.advance(4_999);
    expect(heard).not.toHaveBeenCalled();
    await runtime.advance(1);
    expect(heard).toHaveBeenCalledExactlyOnceWith({ kind: "unknown" });
  });

  it("does not know what became of a call that failed", async () => {
    const failing = providerOf(() => Promise.reject(new Error("connection reset")));
    const provider = bounded(failing, new ManualRuntime(), 5_000);
    expect(await provider.void(REQUEST)).toEqual({ kind: "unknown" });
  });
});
