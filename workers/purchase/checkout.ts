import { refuse, type Refusal } from "../../domain/problem.ts";
import type { OrderRow } from "../../domain/purchase/ledger.ts";
import type { CheckoutCommand } from "../../domain/purchase/stock.ts";
import { cardHash, parseKeyring } from "../../domain/token.ts";
import type { CardReader } from "./providers/provider.ts";

/** A provider that does not answer has had seconds already. */
const PROVIDER_RETRY_SECONDS = 2;

/**
 * Starts a payment. An item that limits units by card says so when nothing else speaks against the
 * checkout; then the provider is asked which card it is, and the item again, with a keyed hash of it. So
 * repeats, and checkouts that are refused anyway, ask nobody.
 */
export async function checkoutOrder(
  env: Pick<PurchaseEnv, "SKU" | "TOKEN_KEYS">,
  cards: CardReader,
  sku: string,
  orderId: string,
  shopper: string,
  command: CheckoutCommand,
): Promise<{ ok: true; order: OrderRow } | Refusal> {
  const item = env.SKU.getByName(sku);
  const answer = await item.checkout(orderId, shopper, command);
  if (answer.ok || answer.needs !== "card") return answer;
  const card = await readCard(cards, command.paymentToken);
  if (card === null)
    return refuse("busy", {
      retryAfterSeconds: PROVIDER_RETRY_SECONDS,
      detail: "The payment provider does not answer. Try again with the same Idempotency-Key.",
    });
  const hash = cardHash(parseKeyring(env.TOKEN_KEYS), sku, card);
  return item.checkout(orderId, shopper, { ...command, card: hash });
}

/** What stands for the card; `null` while that cannot be told. A token of no card is declined later, as itself. */
async function readCard(cards: CardReader, token: string): Promise<string | null> {
  try {
    return (await cards.fingerprint(token)) ?? `no card: ${token}`;
  } catch (error) {
    console.warn({ event: "card.unknown", why: String(error) });
    return null;
  }
}
