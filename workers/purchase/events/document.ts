import { z } from "zod";
import { ITEM_EVENTS } from "../../../domain/purchase/item-events.ts";
import { CATALOGUE } from "./catalogue.ts";
import { SALE_EVENTS } from "./from-facts.ts";
import { Envelope, type DomainEvent } from "./schemas.ts";

/** What of a JSON Schema the document is made from. */
interface Schema {
  type?: string;
  format?: string;
  description?: string;
  const?: string | number;
  enum?: string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

const INTRODUCTION = `# Events

Made by \`npm run events\` from [the schemas](../workers/purchase/events/schemas.ts); a test holds it against them.

What the books keep, in the form that others build on. An event is never stored: it is a chain's row, rendered
when it is read ([decision 28](decisions/0028-one-fact-one-event.md)). One fact is one event, and its \`id\` is the fact's: whoever gets it twice knows it by that. Within
one chain (an item's, a sale's) \`sequence\` gives the order and may skip rows that are no event; between chains there is none.

\`GET /api/v1/admin/sales/{saleId}/events\` lists them, oldest first: with \`sku\` those of one item, without it those of the sale itself and then of each item.
Ask again with the \`cursor\` of the last answer until one brings none; later the same cursor brings what is new.

**Versions.** Fields are added, and readers pass over those that they do not know; a field that is marked *optional* may be missing. Anything else is a new
\`version\` of the type.
`;

const NO_EVENTS = `## Names that are no event here

| name | why |
|---|---|
| \`reservation.request\`, \`checkout.requested\`, \`payment.request\` | calls, not facts: what comes of them is told |
| \`PaymentRefundRequest\` | what is meant to go back is in the ledger (\`refunding\`, \`voiding\`); told is the money that is back |
| \`ReservationFailed\`, one a refusal | a sale that is sold out refuses a hundred thousand: they are counted |
`;

/** The catalogue of events as a page, `docs/events.md`. */
export function eventsDocument(): string {
  const types = Object.keys(CATALOGUE) as DomainEvent["type"][];
  const rows = types.map((type) => {
    const { says, otherNames, example } = CATALOGUE[type];
    const names = otherNames.map(code).join(", ");
    const anchor = type.toLowerCase();
    return `| [${type}](#${anchor}) | ${example.version} | ${says} | ${factsOf(type)} | ${names} |`;
  });
  const head = [
    "| event | version | says | made from | called elsewhere |",
    "|---|---|---|---|---|",
  ];
  return [
    INTRODUCTION,
    [...head, ...rows, ""].join("\n"),
    "## Every event\n",
    table(fieldsOf(z.toJSONSchema(Envelope) as Schema)),
    ...types.map(section),
    NO_EVENTS,
  ].join("\n");
}

function section(type: DomainEvent["type"]): string {
  const { properties } = z.toJSONSchema(CATALOGUE[type].schema) as Schema;
  const fields = fieldsOf(properties?.["data"] ?? {});
  const example = JSON.stringify(CATALOGUE[type].example, null, 2);
  return `## ${type}\n\n${CATALOGUE[type].says}\n\n${table(fields)}\n\`\`\`json\n${example}\n\`\`\`\n`;
}

/** The rows of ledgers and trails that an event is made from. */
function factsOf(type: DomainEvent["type"]): string {
  const ofItem = Object.entries(ITEM_EVENTS).flatMap(([fact, told]) =>
    told?.type === type ? fact : [],
  );
  const ofSale = Object.entries(SALE_EVENTS).flatMap(([fact, told]) => (told === type ? fact : []));
  return [...ofItem, ...ofSale].map(code).join(", ");
}

/** A field of an event, as a row of a table: its path, what it holds, and what is said about it. */
type Field = [path: string, holds: string, about: string];

/** The fields of an object, those of objects in it by their path. */
function fieldsOf({ properties = {}, required = [] }: Schema, within = ""): Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = `${within}${name}`;
    const optional = required.includes(name) ? [] : ["*optional*"];
    const about = [...optional, ...(schema.description === undefined ? [] : [schema.description])];
    const own: Field = [path, holdsOf(schema), about.join("; ")];
    const isIn = schema.items ? `${path}[].` : `${path}.`;
    return [own].concat(fieldsOf(schema.items ?? schema, isIn));
  });
}

function holdsOf(schema: Schema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(" or ");
  if (schema.format === "date-time") return "time (RFC 3339)";
  if (schema.type === "object" && typeof schema.additionalProperties === "object")
    return `${holdsOf(schema.additionalProperties)} by name`;
  return schema.type ?? "anything";
}

function table(fields: readonly Field[]): string {
  const rows = fields.map(([path, holds, about]) => `| \`${path}\` | ${holds} | ${about} |`);
  return ["| field | holds | about |", "|---|---|---|", ...rows, ""].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
