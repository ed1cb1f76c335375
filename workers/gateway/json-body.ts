import { BODY_MAX_BYTES } from "../../domain/limits.ts";
import { refused } from "./problems.ts";

/** `application/json`, with whatever parameters. */
const JSON_MEDIA_TYPE = /^application\/json\s*(;|$)/i;
/** What decoding puts in the place of bytes that are not UTF-8. */
const NOT_UTF_8 = "\uFFFD";
const BYTE_ORDER_MARK = "\uFEFF";
const UTF_8 = new TextDecoder();
/** Refuses what is not UTF-8 and keeps a byte order mark: a signature goes over it, too. */
const UNTOUCHED = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a request's JSON body; no body at all counts as `{}`. Of a body without `Content-Length` the
 * bytes are counted while they come, so that it ends at the same bound. Read as text, which costs less than bytes to decode; a body that
 * brings U+FFFD itself, where others have lost a character before, counts as not UTF-8.
 *
 * @throws Refused in the contract's order: `body_too_large`, `unsupported_media_type`, then
 * `validation_failed` for what is not JSON.
 */
export async function readJson(request: Request): Promise<unknown> {
  const length = request.headers.get("Content-Length");
  if (Number(length ?? 0) > BODY_MAX_BYTES) throw tooLarge(BODY_MAX_BYTES);
  // HTTP itself ends the body at the length it gives.
  const text =
    length === null
      ? UTF_8.decode(await readBytes(request, BODY_MAX_BYTES))
      : bounded(await request.text(), BODY_MAX_BYTES);
  if (text === "") return {};
  const type = request.headers.get("Content-Type") ?? "";
  if (type !== "application/json" && !JSON_MEDIA_TYPE.test(type))
    throw refused("unsupported_media_type");
  try {
    if (!text.includes(NOT_UTF_8))
      return JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  } catch {}
  throw refused("validation_failed", { detail: "The body is not JSON." });
}

/**
 * Reads a body that is not looked at here: its text, byte for byte.
 *
 * @throws Refused `body_too_large`, or `validation_failed` for what is not UTF-8.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const bytes = await readBytes(request, maxBytes);
  try {
    return UNTOUCHED.decode(bytes);
  } catch {
    throw refused("validation_failed", { detail: "The body is not UTF-8." });
  }
}

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const length = request.headers.get("Content-Length");
  if (Number(length ?? 0) > maxBytes) throw tooLarge(maxBytes);
  // HTTP itself ends the body at the length it gives, and reading at once costs a third.
  if (length !== null) return bounded(new Uint8Array(await request.arrayBuffer()), maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // An empty chunk cannot go on for ever: the runtime delivers none.
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function bounded<Body extends { length: number }>(body: Body, maxBytes: number): Body {
  if (body.length > maxBytes) throw tooLarge(maxBytes);
  return body;
}

function tooLarge(maxBytes: number): Error {
  return refused("body_too_large", { detail: `At most ${maxBytes} bytes.` });
}
