import type { CataloguedSale } from "../../domain/catalogue.ts";
import type { Identity } from "./access-token.ts";
import { newHeading } from "./answer.ts";
import type { Bindings } from "./bindings.ts";
import { bearerIn, isIdempotencyKey, keyringOf } from "./credentials.ts";
import { validate } from "./endpoint.ts";
import type { Gateway } from "./gateway.ts";
import { readJson } from "./json-body.ts";
import type { SaleRequest } from "./lean-routes.ts";
import { requireItemFor } from "./lookups.ts";
import { failed, problemResponse, refused } from "./problems.ts";
import { PurchaseBody } from "./schemas/purchase.ts";

/**
 * Refuses who would buy without a pass, which is what a crowd that does not wait asks for: by what is in memory, without a context, and
 * without an error on its way through the promises of a route. `null` for everything else: then the route `purchase` answers, which knows
 * all cases and says of this one the same.
 */
export function quickRefusal(
  {
    catalogue,
    identities,
    ids,
    runtime,
  }: Pick<Gateway, "catalogue" | "identities" | "ids" | "runtime">,
  request: SaleRequest,
  env: Bindings,
): Promise<Response> | null {
  const { headers } = request.raw;
  if (headers.has("Queue-Pass") || headers.has("Cookie")) return null;
  const sale = catalogue.freshSale(request.saleId);
  if (sale === null || sale.control.mode === "draft") return null;
  const key = headers.get("Idempotency-Key");
  const token = bearerIn(headers.get("Authorization"));
  if (key === null || !isIdempotencyKey(key) || token === null) return null;
  const identity = identities.verify(keyringOf(env), token, runtime.now());
  return identity && refusing(request, ids.next(), sale, identity);
}

/** What the body is judged for comes before the pass; what was looked at before it is as the route wants it. */
async function refusing(
  { path, raw }: SaleRequest,
  requestId: string,
  sale: CataloguedSale,
  identity: Identity,
): Promise<Response> {
  const heading = newHeading(requestId);
  try {
    const { sku } = validate(PurchaseBody, await readJson(raw));
    requireItemFor(identity, sale, sku);
    return problemResponse(heading, refused("pass_required").refusal);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return failed(error, heading, path);
  }
}
