/** A limit of the platform, and where it is written. */
export interface Limit {
  name: string;
  max: number;
  source: string;
}

const OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/limits/";
const QUEUES = "https://developers.cloudflare.com/queues/platform/limits/";
const D1 = "https://developers.cloudflare.com/d1/platform/limits/";

/** The limits that a sale comes near. */
export const LIMITS = {
  objectCalls: { name: "calls a second to one object (soft)", max: 1_000, source: OBJECTS },
  objectGb: { name: "storage of one object, GB", max: 10, source: OBJECTS },
  sockets: {
    name: "sockets of one object",
    max: 32_768,
    source: "https://developers.cloudflare.com/durable-objects/api/state/#acceptwebsocket",
  },
  queueMessages: { name: "messages a second to one queue", max: 5_000, source: QUEUES },
  queueConsumers: { name: "consumers of one queue at once", max: 250, source: QUEUES },
  d1Gb: { name: "size of a D1 database, GB", max: 10, source: D1 },
} as const satisfies Record<string, Limit>;

/** Half of what an object may be called: the other half is for retries and uneven hashing. */
export const OBJECT_CALLS_PLANNED = LIMITS.objectCalls.max / 2;
