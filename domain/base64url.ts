const ALPHABET = /^[A-Za-z0-9_-]*$/;

const UNPADDED = { alphabet: "base64url", omitPadding: true } as const;
/** What the engine has in workerd and not yet in Node. */
type Encoding = Uint8Array & {
  toBase64: (options: typeof UNPADDED) => string;
  toHex: () => string;
};
const isOfEngine = "toBase64" in Uint8Array.prototype;

/** Asked first: a `Buffer` gives what is short and lies in the heap memory outside of it. */
function isEncoding(_bytes: Uint8Array): _bytes is Encoding {
  return isOfEngine;
}

/** Encodes bytes as unpadded base64url (RFC 4648, section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  if (isEncoding(bytes)) return bytes.toBase64(UNPADDED);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

const UTF_8 = new TextEncoder();

/** Encodes a text's UTF-8 as unpadded base64url. */
export function encodeText(text: string): string {
  return encodeBase64url(UTF_8.encode(text));
}

/** Encodes bytes as lower-case hex digits. */
export function encodeHex(bytes: Uint8Array): string {
  if (isEncoding(bytes)) return bytes.toHex();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** What only UTF-8 has: text of ASCII is its own bytes. */
const NOT_ASCII = /[\u0080-\u00FF]/;

/**
 * The UTF-8 text that base64url stands for. Only for what was encoded here, as a MAC over it has told: whether it is canonical is
 * not looked at.
 */
export function decodeText(text: string): string {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return NOT_ASCII.test(bytes) ? Buffer.from(bytes, "latin1").toString("utf8") : bytes;
}

/**
 * Decodes canonical, unpadded base64url; `null` for everything else.
 *
 * `Buffer` alone also takes `=`, blanks and unused trailing bits, so that several texts would decode
 * to one MAC. The text is therefore held against the alphabet first and against its re-encoding after.
 */
export function decodeBase64url(text: string): Uint8Array | null {
  if (!ALPHABET.test(text)) return null;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? new Uint8Array(bytes) : null;
}
