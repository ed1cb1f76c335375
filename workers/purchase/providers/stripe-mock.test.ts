import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeBook, PAID } from "../testing/fake-stripe.ts";
import { stripeClient } from "./stripe-client.ts";
import { StripeProvider } from "./stripe.ts";

/*
 * stripe-mock checks every request against Stripe's own OpenAPI document and answers with a fixture of it.
 * It remembers nothing, so that only the shapes are judged here.
 */

const HAS_MOCK = spawnSync("stripe-mock", ["-version"]).status === 0;
if (!HAS_MOCK)
  console.info(
    "SKIPPED: stripe-mock is not installed (go install github.com/stripe/stripe-mock@latest).",
  );

const ANY_PORT = "127.0.0.1:";

describe.skipIf(!HAS_MOCK)("stripe-mock", () => {
  let mock: ChildProcess;
  let stripe: StripeProvider;
  const asked = new Set<string>();
  const refusals: string[] = [];
  // The fixture of an intent stands where nothing can be done; each step needs it where it begins.
  let stands = {};

  beforeAll(async () => {
    const mocking = spawn("stripe-mock", ["-http-addr", ANY_PORT, "-https-addr", ANY_PORT]);
    mock = mocking;
    const port = await portOf(mocking.stdout);
    const client = stripeClient({
      secretKey: "sk_test_123",
      timeoutMs: 5_000,
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        const answer = await response.json<Record<string, unknown>>();
        asked.add(`${init?.method} ${new URL(url as string).pathname.replace(/pi_\w+/, "ID")}`);
        if (!response.ok) refusals.push(JSON.stringify(answer));
        const isIntent = answer["object"] === "payment_intent";
        return Response.json(isIntent ? { ...answer, ...stands } : answer, response);
      },
      host: { host: "127.0.0.1", port, protocol: "http" },
    });
    stripe = new StripeProvider(client, new FakeBook(), "https://shop.example");
  });

  afterAll(() => {
    mock.kill();
  });

  it("takes every request that we make, and we every answer", async () => {
    stands = { status: "requires_payment_method", last_payment_error: null };
    for (const step of ["authorise", "enquire", "capture", "void"] as const)
      expect(await stripe[step](PAID)).toHaveProperty("kind");
    stands = { status: "succeeded" };
    expect(await stripe.refund(PAID)).toEqual({ kind: "refunded" });
    expect(await stripe.fingerprint("pm_card_visa")).toEqual(expect.any(String));
    expect(refusals).toEqual([]);
    expect([...asked].sort()).toEqual([
      "GET /v1/payment_intents/ID",
      "GET /v1/payment_methods/pm_card_visa",
      "POST /v1/payment_intents",
      "POST /v1/payment_intents/ID/cancel",
      "POST /v1/payment_intents/ID/capture",
      "POST /v1/payment_intents/ID/confirm",
      "POST /v1/refunds",
    ]);
  });
});

/** The port that it says it listens on. */
async function portOf(output: Readable): Promise<string> {
  let said = "";
  // Its output stays open: with nobody there to write to, it would end.
  for await (const part of output.iterator({ destroyOnReturn: false })) {
    said += String(part);
    const port = /HTTP at address: 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error(`stripe-mock has ended: ${said}`);
}
