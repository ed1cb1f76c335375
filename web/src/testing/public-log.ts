/**
 * A log by the definitions of RFC 6962, section 2.1, served as C2SP tlog-tiles and signed-note say: what the
 * pages' own proofs are held against.
 */
import type { Bytes } from "../log/bytes.ts";
import type { LogSource } from "../log/source.ts";

const TILE_WIDTH = 256;

const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

const concat = (...parts: readonly Uint8Array[]): Bytes =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)));

const base64 = (...parts: readonly Uint8Array[]): string =>
  btoa(String.fromCharCode(...concat(...parts)));

/** SHA-256 of bytes one after the other. */
export async function digest(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

/** A key that signs the checkpoints of the log that it is named after. */
export class Signer {
  readonly origin: string;
  readonly #pair: CryptoKeyPair;
  readonly #publicKey: Bytes;

  private constructor(origin: string, pair: CryptoKeyPair, publicKey: Bytes) {
    this.origin = origin;
    this.#pair = pair;
    this.#publicKey = publicKey;
  }

  static async make(origin = "shop.test/sales/drop"): Promise<Signer> {
    const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign"]);
    return new Signer(
      origin,
      pair,
      new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    );
  }

  async #keyId(): Promise<Bytes> {
    const hash = await digest(utf8(`${this.origin}\n`), Uint8Array.of(1), this.#publicKey);
    return hash.slice(0, 4);
  }

  async verifierKey(): Promise<string> {
    const id = [...(await this.#keyId())].map((byte) => byte.toString(16).padStart(2, "0"));
    return `${this.origin}+${id.join("")}+${base64(Uint8Array.of(1), this.#publicKey)}`;
  }

  async sign(text: string): Promise<string> {
    const signature = await crypto.subtle.sign("Ed25519", this.#pair.privateKey, utf8(text));
    return `${text}\n— ${this.origin} ${base64(await this.#keyId(), new Uint8Array(signature))}\n`;
  }
}

/** A log of these entries. */
export class PublicLog {
  readonly #entries: readonly string[];
  readonly #signer: Signer;
  readonly #heads = new Map<string, Promise<Bytes>>();

  constructor(entries: readonly string[], signer: Signer) {
    this.#entries = entries;
    this.#signer = signer;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** MTH(D[from:to]). */
  head(from = 0, to = this.size): Promise<Bytes> {
    const name = `${from}:${to}`;
    const known = this.#heads.get(name) ?? this.#headOf(from, to);
    this.#heads.set(name, known);
    return known;
  }

  async #headOf(from: number, to: number): Promise<Bytes> {
    if (from === to) return digest();
    if (to - from === 1) return digest(Uint8Array.of(0), utf8(this.#entries[from] ?? ""));
    const middle = from + 2 ** (Math.ceil(Math.log2(to - from)) - 1);
    return digest(Uint8Array.of(1), await this.head(from, middle), await this.head(middle, to));
  }

  /** A signed head of the first entries. */
  async checkpoint(size = this.size): Promise<string> {
    return this.#signer.sign(
      `${this.#signer.origin}\n${size}\n${base64(await this.head(0, size))}\n`,
    );
  }

  /** The tile at a path, by what it is to hold. */
  async tile(path: string): Promise<Bytes> {
    const [, level = "", groups = "", width = "256"] =
      /^tile\/(\d)\/([x\d/]+?)(?:\.p\/(\d+))?$/.exec(path) ?? [];
    const tile = Number(groups.replaceAll(/[x/]/g, ""));
    const span = TILE_WIDTH ** Number(level);
    const hashes = Array.from({ length: Number(width) }, (_, index) => {
      const from = (tile * TILE_WIDTH + index) * span;
      if (from + span > this.size) throw new Error(`The log has no ${path}.`);
      return this.head(from, from + span);
    });
    return concat(...(await Promise.all(hashes)));
  }

  /** What is served of it, but for what a test does otherwise. */
  source(changes: Partial<LogSource> = {}): LogSource {
    return {
      checkpoint: () => this.checkpoint(),
      keys: async () => `${await this.#signer.verifierKey()}\n`,
      tile: (path) => this.tile(path),
      ...changes,
    };
  }
}
