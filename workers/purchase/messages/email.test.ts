import { describe, expect, it } from "vitest";
import { FakeEmail } from "../testing/fake-email.ts";
import type { Delivery, MessageAdapter, OutgoingMessage } from "./adapter.ts";
import { EmailAdapter } from "./email.ts";
import { adapterOf, type MessageSettings } from "./index.ts";
import { Mailbox } from "./mailbox.ts";

/** Timers that fire when a test says so. */
function timers() {
  const pending: (() => void)[] = [];
  return {
    pending,
    setTimer: (run: () => void) => pending.push(run),
    clearTimer: () => undefined,
  };
}

function adapterWith(binding: FakeEmail, publicUrl: string | null = "https://shop.example") {
  const kept: string[] = [];
  const mailbox: MessageAdapter = {
    deliver: (messages) => {
      kept.push(...messages.map(({ shopper }) => shopper));
      return Promise.resolve(messages.map((): Delivery => ({ kind: "delivered" })));
    },
  };
  const clock = timers();
  const options = { binding, from: "shop@shop.example", publicUrl };
  return { kept, clock, adapter: new EmailAdapter(mailbox, options, clock) };
}

function message(shopper: string, changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return {
    eventId: "item/phone/7",
    shopper,
    kind: "confirmed",
    saleId: "drop",
    orderId: "phone.1",
    subject: "Your order is confirmed: Phone",
    text: "It is yours: Phone from “Drop”.",
    atMs: 0,
    email: `${shopper}@example.com`,
    ...changes,
  };
}

describe("e-mail", () => {
  it("goes to whoever left an address, with the event in a header; the mailbox has all", async () => {
    const binding = new FakeEmail();
    const { adapter, kept } = adapterWith(binding);
    const deliveries = await adapter.deliver([message("ada"), message("bob", { email: null })]);
    expect(deliveries).toEqual([{ kind: "delivered" }, { kind: "delivered" }]);
    expect(kept).toEqual(["ada", "bob"]);
    expect(binding.sent).toEqual([
      {
        from: "shop@shop.example",
        to: "ada@example.com",
        subject: "Your order is confirmed: Phone",
        text: "It is yours: Phone from “Drop”.\n\nhttps://shop.example/order?id=phone.1",
        headers: { "Auto-Submitted": "auto-generated", "X-Ropeline-Event": "item/phone/7" },
      },
    ]);
  });

  it.each([
    [
      message("ada", { orderId: null }),
      "https://shop.example",
      "\n\nhttps://shop.example/sale?id=drop",
    ],
    [message("ada"), null, ""],
  ])(
    "links to the page that it is about, where the shop has said where its pages are",
    async (one, url, end) => {
      const binding = new FakeEmail();
      await adapterWith(binding, url).adapter.deliver([one]);
      expect(binding.sent[0]?.text).toBe(`${one.text}${end}`);
    },
  );

  it.each<[code: string, delivery: Delivery]>([
    ["E_RATE_LIMIT_EXCEEDED", { kind: "failed", why: "E_RATE_LIMIT_EXCEEDED" }],
    ["E_DAILY_LIMIT_EXCEEDED", { kind: "failed", why: "E_DAILY_LIMIT_EXCEEDED" }],
    ["E_SENDER_NOT_VERIFIED", { kind: "failed", why: "E_SENDER_NOT_VERIFIED" }],
    ["E_INTERNAL_SERVER_ERROR", { kind: "failed", why: "E_INTERNAL_SERVER_ERROR" }],
    ["E_RECIPIENT_SUPPRESSED", { kind: "delivered", note: "not mailed: E_RECIPIENT_SUPPRESSED" }],
    ["E_RECIPIENT_NOT_ALLOWED", { kind: "delivered", note: "not mailed: E_RECIPIENT_NOT_ALLOWED" }],
    ["E_VALIDATION_ERROR", { kind: "delivered", note: "not mailed: E_VALIDATION_ERROR" }],
  ])("%s: is tried again where that can help, and holds up no other", async (code, delivery) => {
    const binding = new FakeEmail();
    binding.codes.set("bob@example.com", code);
    const { adapter } = adapterWith(binding);
    expect(await adapter.deliver(["ada", "bob", "cyd"].map((name) => message(name)))).toEqual([
      { kind: "delivered" },
      delivery,
      { kind: "delivered" },
    ]);
    expect(binding.sent.map(({ to }) => to)).toEqual(["ada@example.com", "cyd@example.com"]);
  });

  it("that nobody answers for is given up, and no address is told in its error", async () => {
    const binding = new FakeEmail();
    binding.silent.add("ada@example.com");
    const { adapter, clock } = adapterWith(binding);
    const delivered = adapter.deliver([message("ada"), message("bob")]);
    await expect.poll(() => clock.pending.length).toBe(2);
    for (const run of clock.pending) run();
    expect(await delivered).toEqual([
      { kind: "failed", why: "no answer of Email Service" },
      { kind: "delivered" },
    ]);
  });

  it("sends six at once and keeps the order of what became of them", async () => {
    const binding = new FakeEmail();
    binding.codes.set("shopper-70@example.com", "E_DELIVERY_FAILED");
    const { adapter } = adapterWith(binding);
    const messages = Array.from({ length: 100 }, (_, index) => message(`shopper-${index}`));
    const deliveries = await adapter.deliver(messages);
    expect(binding.mostAtOnce).toBe(6);
    expect(deliveries.findIndex(({ kind }) => kind === "failed")).toBe(70);
    expect(deliveries).toHaveLength(100);
    expect(binding.sent).toHaveLength(99);
  });
});

describe("the way that messages take", () => {
  const runtime = { ...timers(), now: () => 0, randomBytes: () => new Uint8Array() };
  const adapter = (settings: MessageSettings) =>
    adapterOf({ ...settings, DB: {} as D1Database }, runtime);
  const all = { MESSAGE_ADAPTER: "email", EMAIL: new FakeEmail(), MESSAGE_FROM: "a@shop.example" };

  it("is the mailbox until the shop says e-mail", () => {
    expect(adapter({})).toBeInstanceOf(Mailbox);
    expect(adapter({ MESSAGE_ADAPTER: "mailbox" })).toBeInstanceOf(Mailbox);
    expect(adapter(all)).toBeInstanceOf(EmailAdapter);
  });

  it.each<[MessageSettings, string]>([
    [{ MESSAGE_ADAPTER: "emial" }, 'MESSAGE_ADAPTER must be "mailbox" or "email", not "emial".'],
    [
      { MESSAGE_ADAPTER: "email", MESSAGE_FROM: "a@shop.example" },
      'MESSAGE_ADAPTER is "email", but the binding EMAIL is not set. Set it in workers/purchase/wrangler.toml: [[send_email]] name = "EMAIL"',
    ],
    [
      { ...all, MESSAGE_FROM: " " },
      'MESSAGE_ADAPTER is "email", but MESSAGE_FROM is not set. Set it in workers/purchase/wrangler.toml: under [vars], an address of a domain that Email Service knows.',
    ],
  ])("%o is refused with the way out", (settings, text) => {
    expect(() => adapter(settings)).toThrow(text);
  });
});
