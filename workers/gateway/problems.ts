import {
  PROBLEMS,
  refuse,
  type FieldError,
  type ProblemCode,
  type ProblemFields,
  type Refusal,
} from "../../domain/problem.ts";
import { respond, tell, type Heading } from "./answer.ts";
import type { GatewayContext } from "./gateway.ts";
import { isPassing } from "./object-calls.ts";

/** The media type of problem details (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";
/** When a shopper may ask again after an object was lost or overloaded. */
const BUSY_RETRY_SECONDS = 1;
/** Stable names of problem types; they need not resolve to anything. */
const TYPE_PREFIX = "urn:ropeline:problem:";

/** A refusal on its way out of a handler; `onError` makes the response. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    // Nobody looks where it was made, and to write that down costs more than to refuse.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(refusal.code);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = "Refused";
    this.refusal = refusal;
  }
}

/** Refusals that say nothing beside their code, each made once: to make an error costs more than to look up what to refuse. */
const plain = new Map<ProblemCode, Refused>();

/** Makes the error that ends the request with this refusal. */
export function refused(code: ProblemCode, fields?: ProblemFields): Refused {
  if (fields) return new Refused(refuse(code, fields));
  let known = plain.get(code);
  if (!known) plain.set(code, (known = new Refused(refuse(code))));
  return known;
}

/** Makes the error of a request whose fields are not valid. */
export function invalid(errors: FieldError[]): Refused {
  return refused("validation_failed", { errors });
}

/** The answer when it is one; a refusal ends the request. */
export function accepted<Answer extends { ok: boolean }>(
  answer: Answer,
): Exclude<Answer, { ok: false }> {
  if (isRefusal(answer)) throw new Refused(answer);
  return answer as Exclude<Answer, { ok: false }>;
}

function isRefusal(answer: { ok: boolean }): answer is Refusal {
  return !answer.ok;
}

/** The refusal that an exception amounts to. What is nobody's expected outcome is a 500. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal;
  if (isPassing(error)) return refuse("busy", { retryAfterSeconds: BUSY_RETRY_SECONDS });
  return refuse("internal_error");
}

/** Writes a refusal as problem details. */
export function problemResponse(heading: Heading, refusal: Refusal): Response {
  const { code, retryAfterSeconds } = refusal;
  const { status } = PROBLEMS[code];
  heading.status = status;
  if (status === 401) tell(heading, "WWW-Authenticate", 'Bearer realm="ropeline"');
  if (retryAfterSeconds !== undefined) tell(heading, "Retry-After", String(retryAfterSeconds));
  // Whatever the route says of caching; what is set beside the usual headers costs more than they do.
  if (heading.headers?.["Cache-Control"] !== undefined) tell(heading, "Cache-Control", "no-store");
  return respond(heading, problemText(refusal, heading.requestId), PROBLEM_MEDIA_TYPE);
}

/** What stands before a request's id where that is all there is to say. */
const textsBeforeId = new Map<Refusal, string>();

function problemText(refusal: Refusal, requestId: string): string {
  const before = textsBeforeId.get(refusal);
  // An id is base64url: as a JSON string it is written as it is.
  if (before !== undefined) return `${before}${requestId}"}`;
  const { ok: _ok, code, detail, ...fields } = refusal;
  const { status, title } = PROBLEMS[code];
  const body = { type: TYPE_PREFIX + code, title, status, detail: detail ?? title, code };
  if (plain.get(code)?.refusal === refusal)
    textsBeforeId.set(refusal, `${JSON.stringify(body).slice(0, -1)},"requestId":"`);
  return JSON.stringify({ ...body, requestId, ...fields });
}

/** The one place where exceptions become responses. Internals go to the log, never to the client. */
export function failed(error: Error, heading: Heading, path: string): Response {
  const refusal = refusalOf(error);
  const { requestId } = heading;
  if (refusal.code === "internal_error")
    console.error({
      event: "request.failed",
      requestId,
      path,
      error: error.stack ?? error.message,
    });
  else if (refusal.code === "busy" && !(error instanceof Refused))
    console.warn({ event: "request.busy", requestId, path, error: String(error) });
  return problemResponse(heading, refusal);
}

/** The same for what a handler throws. */
export function onError(error: Error, c: GatewayContext): Response {
  return failed(error, c.get("heading"), c.req.path);
}
