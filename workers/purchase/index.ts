import { WorkerEntrypoint } from "cloudflare:workers";
export { Sku } from "../../durable-objects/sku.ts";
export class PurchaseService extends WorkerEntrypoint<Env> {}
export default { fetch() { return new Response("", {status: 404}); }, async queue() {} };
