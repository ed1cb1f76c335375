import type { CataloguedSale } from "../../domain/catalogue.ts";
import { isGuest, type Identity } from "./access-token.ts";
import { newHeading } from "./answer.ts";
import type { Bindings } from "./bindings.ts";
import { bearerIn, isIdempotencyKey, keyringOf } from "./credentials.ts";
import { validate } from "./endpoint.ts";
import type { Gateway } from "./gateway.ts";
import { readJson } from "./json-body.ts";
import { requireItem } from "./lookups.ts";
import { failed, problemResponse, refused } from "./problems.ts";
import type { RequestIds } from "./request-ids.ts";
import { PurchaseBody } from "./schemas/purchase.ts";

/** Where units of a sale are bought, without a query and with an id that needs no decoding. */
const PURCHASE_URL = /^https?:\/\/[^/]+(\/api\/v1\/sales\/([\w-]+)\/purchase)$/;

/**
 * Refuses who would buy without a pass, which is what a crowd that does not wait asks for: by what is in memory, without a context, and
 * without an error on its way through the promises of a route. `null` for everything else: then the route `purchase` answers, which knows
 * all cases and says of this one the same.
 */
export function quickRefusal(
  { catalogue, identities, runtime }: Pick<Gateway, "catalogue" | "identities" | "runtime">,
  ids: RequestIds,
  request: Request,
  env: Bindings,
): Promise<Response> | null {
  const [, path = "", saleId = ""] =
    (request.method === "POST" && PURCHASE_URL.exec(request.url)) || [];
  const sale = catalogue.freshSale(saleId);
  if (sale === null || sale.control.mode === "draft") return null;
  const { headers } = request;
  if (headers.has("Queue-Pass") || headers.has("Cookie")) return null;
  const key = headers.get("Idempotency-Key");
  const token = bearerIn(headers.get("Authorization"));
  if (key === null || !isIdempotencyKey(key) || token === null) return null;
  const identity = identities.verify(keyringOf(env), token, runtime.now());
  return identity && refusing(request, path, ids.next(), sale, identity);
}

/** What the body is judged for comes before the pass; what was looked at before it is as the route wants it. */
async function refusing(
  request: Request,
  path: string,
  requestId: string,
  sale: CataloguedSale,
  identity: Identity,
): Promise<Response> {
  const heading = newHeading(requestId);
  try {
    const { sku } = validate(PurchaseBody, await readJson(request));
    requireItem(sale, sku);
    const isShutOut = !sale.definition.allowGuests && isGuest(identity);
    const { refusal } = refused(isShutOut ? "guest_not_allowed" : "pass_required");
    return problemResponse(heading, refusal);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return failed(error, heading, path);
  }
}
