import { CannotCheck } from "./fault.ts";

/** Bytes as WebCrypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The UTF-8 bytes of a text. */
export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

/** Bytes as lower-case hex digits. */
export function toHex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes as standard base64. */
export function toBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Decodes canonical standard base64, with its padding; null for any other text. */
export function fromBase64(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

/** The UTF-8 text in unpadded base64url; null for any other text. */
export function textOfBase64url(text: string): string | null {
  const padded = text.padEnd(Math.ceil(text.length / 4) * 4, "=");
  const bytes = fromBase64(padded.replaceAll("-", "+").replaceAll("_", "/"));
  return bytes && new TextDecoder().decode(bytes);
}

/** Whether two byte strings are the same. */
export function isSame(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/**
 * WebCrypto.
 * @throws CannotCheck where the browser has none: on pages that came without encryption
 */
export function subtle(): SubtleCrypto {
  // Left out of the types: it is there on secure pages only.
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  if (subtle === undefined) {
    throw new CannotCheck("This browser computes hashes and signatures on https pages only.");
  }
  return subtle;
}

/** SHA-256 of these bytes, one part after the other: 32 bytes. */
export async function sha256(...parts: readonly Bytes[]): Promise<Bytes> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await subtle().digest("SHA-256", whole));
}
