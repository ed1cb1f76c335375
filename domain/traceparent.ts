import { encodeHex } from "./base64url.ts";

/*
 * The place of a request in a trace (W3C Trace Context, Recommendation of 23 November 2021,
 * https://www.w3.org/TR/trace-context/): `version-traceId-parentId-flags` in lower-case hex.
 */

/** Version 00 ends after the flags; a later one may go on after another dash, and its first parts mean the same. */
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const VERSION = "00";
/** A version that there never is. */
const INVALID_VERSION = "ff";
/** The one flag that version 00 defines; all others are set to zero. */
const SAMPLED = 1;

/** Bytes of a trace's id … */
const TRACE_ID_BYTES = 16;
/** … and of one step's in it. */
const SPAN_ID_BYTES = 8;
const SPAN_ID_DIGITS = 2 * SPAN_ID_BYTES;

/**
 * Our own step in the trace that a request brings: the same trace, another parent. Without a valid `traceparent`
 * a new trace begins, as the recommendation asks (section 4); what begins here is written down, so it is sampled.
 */
export function continueTrace(
  incoming: string | undefined,
  randomBytes: (length: number) => Uint8Array,
): string {
  const known = read(incoming);
  const drawn = encodeHex(randomBytes((known ? 0 : TRACE_ID_BYTES) + SPAN_ID_BYTES));
  const spanId = drawn.slice(-SPAN_ID_DIGITS);
  const { traceId, flags } = known ?? { traceId: drawn.slice(0, -SPAN_ID_DIGITS), flags: SAMPLED };
  return `${VERSION}-${traceId}-${spanId}-${flags.toString(16).padStart(2, "0")}`;
}

function read(incoming = ""): { traceId: string; flags: number } | null {
  const [, version, traceId = "", parentId = "", flags = "", more] =
    TRACEPARENT.exec(incoming.trim()) ?? [];
  if (version === undefined || version === INVALID_VERSION) return null;
  if (version === VERSION && more !== undefined) return null;
  if (isZero(traceId) || isZero(parentId)) return null;
  return { traceId, flags: Number.parseInt(flags, 16) & SAMPLED };
}

/** Ids of zeros alone are none. */
function isZero(id: string): boolean {
  return /^0*$/.test(id);
}
