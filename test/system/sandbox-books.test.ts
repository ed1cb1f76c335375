import { describe, expect, it } from "vitest";
import type { PaymentRequest } from "../../workers/purchase/providers/provider.ts";
import { listSandboxPayments } from "../../workers/purchase/providers/sandbox-books.ts";
import { Sandbox } from "../../workers/purchase/providers/sandbox.ts";
import { useTestClock } from "./support/clock.ts";
import { ManualRuntime } from "./support/manual-runtime.ts";
import { bindings, uniqueName } from "./support/objects.ts";
import { quietDesk } from "./support/webhooks.ts";
import { SECOND_MS } from "./support/samples.ts";

useTestClock();
const { DB } = bindings;

function request(token: string, orderId: string, attempt = 1): PaymentRequest {
  const idempotencyKey = `${orderId}:${attempt}`;
  return { orderId, idempotencyKey, token, amount: 49_900, currency: "EUR" };
}

describe("the sandbox's books", () => {
  it("show every attempt at an item and what was booked for it, a page at a time", async () => {
    const time = new ManualRuntime();
    const sandbox = new Sandbox(DB, time, quietDesk);
    const sku = uniqueName("books");
    const paid = request("tok_ok", `${sku}.b.mac`);
    await sandbox.authorise(request("tok_decline", `${sku}.a.mac`));
    await sandbox.authorise(paid);
    await time.advance(SECOND_MS);
    await sandbox.capture(paid);
    await sandbox.void(request("tok_ok", `${sku}.c.mac`, 2));
    for (const other of [`${sku}-2.x.mac`, `${sku}2.x.mac`, `a${sku}.x.mac`])
      await sandbox.authorise(request("tok_ok", other));

    const money = { amount: 49_900, currency: "EUR" };
    const first = await listSandboxPayments(bindings, sku, null, 2);
    expect(first.rows).toEqual([
      { orderId: `${sku}.a.mac`, attempt: 1, state: "declined", ...money, bookings: [] },
      {
        orderId: `${sku}.b.mac`,
        attempt: 1,
        state: "captured",
        ...money,
        bookings: [
          { kind: "charge", ...money, atMs: time.now() - SECOND_MS },
          { kind: "capture", ...money, atMs: time.now() },
        ],
      },
    ]);
    expect(await listSandboxPayments(bindings, sku, first.cursor, 2)).toMatchObject({
      rows: [
        { orderId: `${sku}.c.mac`, attempt: 2, state: "voided", bookings: [{ kind: "void" }] },
      ],
      cursor: null,
    });
    expect(await listSandboxPayments(bindings, sku, "a", 1)).toMatchObject({
      rows: [{ orderId: `${sku}.a.mac` }],
    });
  });
});
