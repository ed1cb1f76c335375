/** Signed heads of a log, read and checked: C2SP tlog-checkpoint in a C2SP signed-note, signed by Ed25519. */
import { fromBase64, subtle, toHex, utf8, type Bytes } from "./bytes.ts";
import { CannotCheck, LogFault } from "./fault.ts";
import type { TreeHead } from "./merkle.ts";

const ED25519_TYPE = 1;
const ED25519_BYTES = 32;
const KEY_ID_BYTES = 4;
const HASH_BYTES = 32;

/** A checkpoint as it is read; nothing is known of its signatures yet. */
export interface Checkpoint extends TreeHead {
  readonly origin: string;
  /** What is signed. */
  readonly signed: string;
  readonly signatures: readonly {
    readonly name: string;
    readonly keyId: string;
    readonly signature: Bytes;
  }[];
}

/** A key that signs a log's checkpoints, as the shop publishes it. */
export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of the hash of name and key, in hex. */
  readonly keyId: string;
  readonly publicKey: Bytes;
}

/**
 * Reads a signed checkpoint.
 * @throws LogFault `unreadable_checkpoint`
 */
export function readCheckpoint(note: string): Checkpoint {
  const end = note.indexOf("\n\n");
  const signed = note.slice(0, end + 1);
  const [origin = "", size = "", head = ""] = signed.split("\n");
  const root = fromBase64(head);
  if (
    end < 0 ||
    origin === "" ||
    !/^(?:0|[1-9]\d{0,14})$/.test(size) ||
    root?.length !== HASH_BYTES
  ) {
    throw new LogFault(
      "unreadable_checkpoint",
      "It is no checkpoint: origin, size, head, signature.",
    );
  }
  const signatures = note
    .slice(end + 2)
    .split("\n")
    .flatMap((line) => {
      const [, name = "", text = ""] = /^— (\S+) (\S+)$/.exec(line) ?? [];
      const bytes = fromBase64(text);
      return bytes === null || bytes.length <= KEY_ID_BYTES
        ? []
        : [
            {
              name,
              keyId: toHex(bytes.slice(0, KEY_ID_BYTES)),
              signature: bytes.slice(KEY_ID_BYTES),
            },
          ];
    });
  return { origin, size: Number(size), head: root, signed, signatures };
}

/** Reads published keys, one a line: `<name>+<key id>+<type and key>`. Those of another type are passed over. */
export function readKeys(text: string): VerifierKey[] {
  return text.split("\n").flatMap((line) => {
    // A name may have no plus; the key, which comes last, may.
    const [, name = "", keyId = "", typeAndKey = ""] =
      /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? [];
    const bytes = fromBase64(typeAndKey);
    return bytes?.length === 1 + ED25519_BYTES && bytes[0] === ED25519_TYPE
      ? [{ name, keyId, publicKey: bytes.slice(1) }]
      : [];
  });
}

/**
 * Finds the key by which a checkpoint is signed.
 * @throws LogFault `unknown_key`, `bad_signature`; CannotCheck where the browser knows no Ed25519
 */
export async function signerOf(
  { signed, signatures }: Checkpoint,
  keys: readonly VerifierKey[],
): Promise<VerifierKey> {
  const known = signatures.flatMap(({ name, keyId, signature }) => {
    const key = keys.find((key) => key.name === name && key.keyId === keyId);
    return key === undefined ? [] : [{ key, signature }];
  });
  if (known.length === 0) {
    const ids = signatures.map(({ keyId }) => keyId).join(", ");
    throw new LogFault(
      "unknown_key",
      `It is signed by ${ids || "nobody"}, which is not published.`,
    );
  }
  for (const { key, signature } of known) {
    if (await isSigned(key, signature, utf8(signed))) {
      return key;
    }
  }
  throw new LogFault("bad_signature", "The signature does not belong to this text.");
}

async function isSigned(
  { publicKey }: VerifierKey,
  signature: Bytes,
  text: Bytes,
): Promise<boolean> {
  try {
    const key = await subtle().importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await subtle().verify("Ed25519", key, signature, text);
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotSupportedError") {
      throw new CannotCheck("This browser knows no Ed25519 signatures. A newer one does.");
    }
    throw error;
  }
}
