import { MockAgent } from "undici";
import { describe, expect, it } from "vitest";
import { Caller } from "./calls.ts";
import { readMail, sampleOf, subjectOf } from "./mailboxes.ts";
import { Meter } from "./meter.ts";
import { Shopper } from "./shopper.ts";

const ORIGIN = "http://ropeline.test";
const TOTAL = { amount: 1, currency: "EUR" };

function bearerOf(claims: object): string {
  return `Bearer e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.mac`;
}

/** A crowd whose mailboxes are answered, and who asked for theirs, in order. */
function setUp(shoppers: number, owners: number) {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const asked: string[] = [];
  agent
    .get(ORIGIN)
    .intercept({ path: "/api/v1/notifications?limit=100" })
    .reply(200, ({ headers }) => {
      asked.push(String(new Headers(headers as Record<string, string>).get("authorization")));
      return { notifications: [] };
    })
    .persist();
  const clock = { nowMs: () => 0, sleep: async () => {} };
  const random = () => 0.5;
  const meter = new Meter();
  const caller = new Caller({
    origin: ORIGIN,
    connections: 1,
    clock,
    random,
    meter,
    dispatcher: agent,
  });
  const crowd = Array.from({ length: shoppers }, (_, index) => {
    const shopper = new Shopper({ caller, index, saleId: "sale", sku: "sku", quantity: 1 });
    shopper.bearer = bearerOf({ sub: `g_${index}` });
    const hold = { key: "key", quantity: 1, total: TOTAL, body: "", answeredAtMs: 0 };
    if (index < owners) shopper.record.holds.push({ ...hold, orderId: `order-${index}` });
    return shopper;
  });
  return { asked, caller, crowd };
}

describe("the mail", () => {
  it("is read by everyone who had an order, where these are few, and by some who had none", async () => {
    const { asked, caller, crowd } = setUp(500, 20);
    const { mailboxes, subjects } = await readMail(caller, crowd);
    expect(subjects.size).toBe(20);
    expect(subjects.get(3)).toBe("g_3");
    expect([...mailboxes.keys()].filter((index) => index < 20)).toHaveLength(20);
    expect(mailboxes.size).toBe(220);
    expect(new Set(asked).size).toBe(220);
  });

  it("is read by a thousand of many, from the first to the last, and all are named", async () => {
    const { caller, crowd } = setUp(2_500, 2_500);
    const { mailboxes, subjects } = await readMail(caller, crowd);
    expect(subjects.size).toBe(2_500);
    expect(mailboxes.size).toBe(1_000);
    expect([0, 2_498].every((index) => mailboxes.has(index))).toBe(true);
  });

  it("has the offers of the waiting list, too, and nobody without a token", async () => {
    const { caller, crowd } = setUp(2, 0);
    const [offered, gone] = crowd;
    if (offered) offered.record.list = { number: 1, joinedAtMs: 0, orderId: "o", leftAtMs: null };
    if (gone) gone.bearer = "";
    const { mailboxes, subjects } = await readMail(caller, crowd);
    expect([...subjects]).toEqual([[0, "g_0"]]);
    expect([...mailboxes.keys()]).toEqual([0]);
  });
});

it.each([
  [10, 4],
  [1_001, 1_000],
  [12_345, 1_000],
])("takes of %i exactly %i", (items, most) => {
  const sample = sampleOf([...Array(items).keys()], most);
  expect(sample).toHaveLength(most);
  expect(sample[0]).toBe(0);
});

it.each(["", "Bearer x", "Bearer a.%.c", bearerOf({}), bearerOf({ sub: 1 })])(
  "does not say who %j is",
  (bearer) => {
    expect(subjectOf(bearer)).toBeNull();
  },
);
