import { parseArgs } from "node:util";
import { Unreadable } from "./finding.ts";

/** What `--help` prints. */
export const USAGE = `npm run verify-sale -- <url | file> [options]
  <url>             of a sale: …/api/v1/sales/<id>/fairness, or its page; or a file that --save made
  --key VKEY        trust this key alone, not the one that comes with the log; more than once for several
  --since FILE      a checkpoint, or a saved log, of earlier: the log has to begin with it; more than once
  --receipt FILE    a receipt, or the answer that brought it: it has to be in the log; more than once
  --save FILE       keep all that was fetched in one file, which can be checked offline
  --json            print what was found for programs
Exit code 0: nothing is wrong; 1: something is; 2: it could not be checked.`;

/** The command line. */
export interface Options {
  source: string;
  keys: string[];
  since: string[];
  receipts: string[];
  save: string | null;
  isJson: boolean;
}

/**
 * Reads the command line; `null` when help was asked for.
 *
 * @throws Unreadable that says what is wrong.
 */
export function optionsIn(args: readonly string[]): Options | null {
  const { values, positionals } = parsed(args);
  if (values.help === true) return null;
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0)
    throw new Unreadable(`One address or file is needed.\n${USAGE}`);
  return {
    source,
    keys: values.key ?? [],
    since: values.since ?? [],
    receipts: values.receipt ?? [],
    save: values.save ?? null,
    isJson: values.json ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        key: { type: "string", multiple: true },
        since: { type: "string", multiple: true },
        receipt: { type: "string", multiple: true },
        save: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    throw new Unreadable(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}
