import { DurableObject } from "cloudflare:workers";
export class QueueLane extends DurableObject<Env> {}
