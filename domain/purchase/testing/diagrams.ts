import { HOLD_TRANSITIONS, type HoldTransition } from "../hold.ts";
import {
  PAYMENT_RULES,
  PAYMENT_STEPS,
  type PaymentOutcome,
  type PaymentState,
} from "../payment.ts";

/*
 * The tables as the documentation shows them, a line each. A test holds the document against these.
 */

const UNITS = {
  stay: "",
  sell: ": held → sold",
  free: ": held → available",
  return: ": sold → available",
} as const;

const EVENTS = Object.keys(HOLD_TRANSITIONS) as HoldTransition[];
const STATES = Object.keys(PAYMENT_RULES) as PaymentState[];

/** The states of an order, and where its units go. */
export function orderDiagram(): string[] {
  const lines = ["reserved", "offered"].map(
    (event) => `[*] --> RESERVED: ${event}, available → held`,
  );
  for (const event of EVENTS) {
    const { from, to, units } = HOLD_TRANSITIONS[event];
    if (to === null) continue;
    for (const status of from) lines.push(`${status} --> ${to}: ${event}${comma(UNITS[units])}`);
  }
  return lines;
}

/** Events that leave an order and its units as they are. */
export function eventTable(): string[] {
  return EVENTS.filter((event) => HOLD_TRANSITIONS[event].to === null).map((event) => {
    const from = HOLD_TRANSITIONS[event].from.map((status) => `\`${status}\``).join(", ");
    return `| \`${event}\` | ${from} |`;
  });
}

/** The states of a payment, and what the provider said. */
export function paymentDiagram(): string[] {
  return STATES.flatMap((state) => {
    const said = new Map<PaymentState, string[]>();
    for (const kind of Object.keys(PAYMENT_RULES[state]) as PaymentOutcome["kind"][]) {
      const to = PAYMENT_RULES[state][kind]?.to ?? state;
      said.set(to, [...(said.get(to) ?? []), kind]);
    }
    return [...said].map(([to, kinds]) => `${state} --> ${to}: ${kinds.join(" or ")}`);
  });
}

/** What each state of a payment asks for. */
export function stepTable(): string[] {
  return STATES.map((state) => {
    const step = PAYMENT_STEPS[state];
    return `| \`${state}\` | ${step === null ? "" : `\`${step}\``} |`;
  });
}

function comma(units: string): string {
  return units.replace(": ", ", ");
}
