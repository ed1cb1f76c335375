import { DurableObject } from "cloudflare:workers";
export class Sku extends DurableObject<Env> {
  async hi(): Promise<string> { return "hi" }
}
