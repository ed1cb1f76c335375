import { DurableObject } from "cloudflare:workers";
import { systemRuntime, type Runtime } from "../../durable-objects/runtime.ts";
import type { Act, Inside, Program, Stub } from "./program.ts";
import { PROGRAMS } from "./programs/index.ts";

export interface ProbeEnv {
  PROBE: DurableObjectNamespace<Probe>;
}

/** What objects have seen, by their names: beside all storage, so that nothing undoes it. */
export type Seen = Map<string, string[]>;
const SEEN: Seen = new Map();

/** The object that all programs are made of. Its name is `<program>/<role>`. */
export class Probe extends DurableObject<ProbeEnv> {
  readonly #inside: Inside;
  readonly #program: Program;
  readonly #seen: Seen;

  constructor(
    ctx: DurableObjectState,
    env: ProbeEnv,
    runtime: Runtime = systemRuntime,
    seen: Seen = SEEN,
  ) {
    super(ctx, env);
    this.#seen = seen;
    const name = ctx.id.name ?? "";
    const program = name.slice(0, name.lastIndexOf("/"));
    const found = PROGRAMS[program];
    if (!found) throw new Error(`There is no program ${program}.`);
    this.#program = found;
    const { sql } = ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS line (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT");
    this.#inside = {
      ctx,
      runtime,
      peer: (role) => probeOf(env.PROBE, program, role),
      write: (line) => void sql.exec("INSERT INTO line (text) VALUES (?)", line),
      see: (what) => void seen.set(name, [...(seen.get(name) ?? []), what]),
    };
    this.#find("wake")?.(this.#inside);
  }

  act(name: string, ...args: never[]): unknown {
    const act = this.#find(name);
    if (!act) throw new Error(`There is no act ${name}.`);
    return act(this.#inside, ...args);
  }

  written(): string[] {
    const { sql } = this.ctx.storage;
    const rows = sql.exec<{ text: string }>("SELECT text FROM line ORDER BY id").toArray();
    return rows.map(({ text }) => text);
  }

  seen(): string[] {
    return this.#seen.get(this.ctx.id.name ?? "") ?? [];
  }

  override async alarm(): Promise<void> {
    await this.#find("alarm")?.(this.#inside);
  }

  #find(name: string): Act | undefined {
    return this.#program.acts[name];
  }
}

/** A fresh stub of an object of a program. */
export function probeOf(
  namespace: DurableObjectNamespace<Probe>,
  program: string,
  role: string,
): Stub {
  return namespace.getByName(`${program}/${role}`);
}
