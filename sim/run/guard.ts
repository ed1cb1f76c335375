/** Watches over what would make two runs of a seed differ. */
export interface Guard {
  /** From here on, use of real time, timers or chance throws and is remembered. */
  arm(): void;
  /** Lets everything work as usual again; returns what was used in between, in order. */
  disarm(): string[];
}

/** Global functions that start something the scheduler does not know of. */
const TIMERS = ["setTimeout", "setInterval", "setImmediate"] as const;

/**
 * Replaces this thread's sources of time and chance by guarded ones. `new Date(ms)` and `Date.parse`
 * keep working; so does what Node and the scheduler import from `node:` modules.
 */
export function guardGlobals(): Guard {
  let isArmed = false;
  let used: string[] = [];
  const refuse = (what: string): void => {
    if (!isArmed) return;
    used.push(what);
    throw new Error(`${what} was used in a simulation: time and chance come from the Runtime.`);
  };
  guardDate(refuse);
  guardFunction(Math, "random", "Math.random()", refuse);
  guardFunction(performance, "now", "performance.now()", refuse);
  for (const name of TIMERS) guardFunction(globalThis, name, `${name}()`, refuse);
  guardCrypto(refuse);
  return {
    arm: () => {
      isArmed = true;
      used = [];
    },
    disarm: () => {
      isArmed = false;
      return used;
    },
  };
}

type Refuse = (what: string) => void;

function guardDate(refuse: Refuse): void {
  const RealDate = Date;
  const now = (): number => {
    refuse("Date.now()");
    return RealDate.now();
  };
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, values: unknown[], newTarget) => {
      if (values.length === 0) refuse("new Date()");
      return Reflect.construct(target, values, newTarget) as object;
    },
    apply: () => {
      refuse("Date()");
      return RealDate();
    },
    get: (target, property) =>
      property === "now" ? now : (Reflect.get(target, property) as unknown),
  });
}

function guardFunction(target: object, name: string, what: string, refuse: Refuse): void {
  const real = Reflect.get(target, name) as (...args: unknown[]) => unknown;
  const value = (...args: unknown[]): unknown => {
    refuse(what);
    return real.apply(target, args);
  };
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

function guardCrypto(refuse: Refuse): void {
  const real = crypto;
  const value = new Proxy(real, {
    get: (target, property) => {
      refuse(`crypto.${String(property)}`);
      const member = Reflect.get(target, property) as unknown;
      return typeof member === "function" ? (member.bind(target) as unknown) : member;
    },
  });
  Object.defineProperty(globalThis, "crypto", { value, configurable: true, writable: true });
}
