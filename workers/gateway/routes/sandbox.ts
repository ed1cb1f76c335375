import type { z } from "@hono/zod-openapi";
import { endpoint } from "../endpoint.ts";
import type { GatewayContext } from "../gateway.ts";
import { callObject } from "../object-calls.ts";
import { accepted } from "../problems.ts";
import { BankBody, BankPayment } from "../schemas/payments.ts";

/** For whom the bank of the sandbox pays. */
const MERCHANT = "Ropeline";

/** What the bank shows; whoever has the challenge of a payment may see and answer it. */
export const getBank = endpoint(
  {
    tag: "Buying",
    summary:
      "A payment of the sandbox as its bank shows it; only while the sandbox is the provider",
    statuses: [200],
    answer: BankPayment,
    problems: ["not_found", "busy"],
  },
  (c) => askBank(c, null),
);

/** The shopper's answer at the bank. */
export const answerBank = endpoint(
  {
    tag: "Buying",
    summary: "Approve or decline a payment at the bank of the sandbox; the first answer stands",
    body: BankBody,
    statuses: [200],
    answer: BankPayment,
    problems: ["not_found", "busy"],
  },
  (c, { body }) => askBank(c, body.answer),
);

async function askBank(
  c: GatewayContext,
  answer: z.output<typeof BankBody>["answer"] | null,
): Promise<z.input<typeof BankPayment>> {
  const challenge = c.req.param("challenge") ?? "";
  const { view } = accepted(await callObject(() => c.env.PURCHASE.bank(challenge, answer)));
  const { orderId, total, state } = view;
  return { orderId, merchant: MERCHANT, amount: total, state };
}
