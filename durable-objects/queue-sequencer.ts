import { DurableObject } from "cloudflare:workers";
export class QueueSequencer extends DurableObject<Env> {}
