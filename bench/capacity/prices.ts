/** What Cloudflare bills, each for one: no plan's fee, no free quota. */
export type Meter =
  | "workerRequests"
  | "cpuMs"
  | "objectRequests"
  | "objectGbSeconds"
  | "objectRowsRead"
  | "objectRowsWritten"
  | "objectGbMonths"
  | "queueOperations"
  | "d1RowsRead"
  | "d1RowsWritten"
  | "d1GbMonths"
  | "r2Writes"
  | "r2Reads"
  | "logEvents";

export interface Price {
  name: string;
  /** Dollars for one. */
  dollars: number;
  source: string;
}

const MILLION = 1_000_000;
const WORKERS = "https://developers.cloudflare.com/workers/platform/pricing/";
const OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/pricing/";
const QUEUES = "https://developers.cloudflare.com/queues/platform/pricing/";
const D1 = "https://developers.cloudflare.com/d1/platform/pricing/";
const R2 = "https://developers.cloudflare.com/r2/pricing/";
const LOGS = "https://developers.cloudflare.com/workers/observability/logs/workers-logs/#pricing";

/** The public price list as of November 2026. Static pages, outgoing socket messages and their pings cost nothing. */
export const PRICES: Record<Meter, Price> = {
  workerRequests: { name: "Worker requests", dollars: 0.3 / MILLION, source: WORKERS },
  cpuMs: { name: "Worker CPU, ms", dollars: 0.02 / MILLION, source: WORKERS },
  objectRequests: { name: "object requests", dollars: 0.15 / MILLION, source: OBJECTS },
  objectGbSeconds: { name: "object duration, GB-s", dollars: 12.5 / MILLION, source: OBJECTS },
  objectRowsRead: { name: "object rows read", dollars: 0.001 / MILLION, source: OBJECTS },
  objectRowsWritten: { name: "object rows written", dollars: 1 / MILLION, source: OBJECTS },
  objectGbMonths: { name: "object storage, GB a month", dollars: 0.2, source: OBJECTS },
  queueOperations: { name: "queue operations", dollars: 0.4 / MILLION, source: QUEUES },
  d1RowsRead: { name: "D1 rows read", dollars: 0.001 / MILLION, source: D1 },
  d1RowsWritten: { name: "D1 rows written", dollars: 1 / MILLION, source: D1 },
  d1GbMonths: { name: "D1 storage, GB a month", dollars: 0.75, source: D1 },
  r2Writes: { name: "R2 class A", dollars: 4.5 / MILLION, source: R2 },
  r2Reads: { name: "R2 class B", dollars: 0.36 / MILLION, source: R2 },
  logEvents: { name: "log events", dollars: 0.6 / MILLION, source: LOGS },
};

/** An object that is awake counts as so much memory, whatever it uses. */
export const OBJECT_GB = 0.128;
/** A queue bills a message once for each so many bytes, written, read and deleted. */
export const QUEUE_CHUNK_BYTES = 64_000;
