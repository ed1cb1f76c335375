/** What a log, or a receipt of it, was found to have wrong. */
export type FaultCode =
  /** The receipt: not readable, of another sale, another shopper, another place. */
  | "unreadable_leaf"
  | "other_sale"
  | "other_shopper"
  | "other_place"
  /** A checkpoint: not readable, of another log, by a key that is not published, signed wrongly. */
  | "unreadable_checkpoint"
  | "other_log"
  | "unknown_key"
  | "bad_signature"
  /** What the log holds: not this entry, not what it held before, less than before. */
  | "not_included"
  | "forked"
  | "shorter"
  /** A part of the log: not there, not whole. */
  | "missing"
  | "truncated";

/** Something is wrong with a log; `message` tells it exactly, for the details. */
export class LogFault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.name = "LogFault";
    this.code = code;
  }
}

/** This browser cannot check it: it lacks the means. */
export class CannotCheck extends Error {}
