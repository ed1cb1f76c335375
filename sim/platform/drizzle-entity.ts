/*
 * What Drizzle asks of every part of every statement, to the same answers (`drizzle-orm/entity.js`): it climbs the
 * classes of the part each time, which was a twelfth of a simulation. Here each class is asked once.
 */

export const entityKind = Symbol.for("drizzle:entityKind");
export const hasOwnEntityKind = Symbol.for("drizzle:hasOwnEntityKind");

type Class = abstract new (...args: never[]) => object;

const answers = new Map<unknown, Map<Class, boolean>>();

/** Whether a value is of this class of Drizzle's, or of one of the same name from another copy of it. */
export function is(value: unknown, type: Class): boolean {
  if (typeof value !== "object" || value === null) return false;
  const own: unknown = (Object.getPrototypeOf(value) as { constructor: unknown }).constructor;
  let ofClass = answers.get(own);
  if (!ofClass) answers.set(own, (ofClass = new Map()));
  const known = ofClass.get(type);
  if (known !== undefined) return known;
  const answer = value instanceof type || isNamed(own, type);
  ofClass.set(type, answer);
  return answer;
}

function isNamed(own: unknown, type: Class): boolean {
  const kind: unknown = Reflect.get(type, entityKind);
  for (let one = own; typeof one === "function"; one = Object.getPrototypeOf(one))
    if (entityKind in one && one[entityKind] === kind) return true;
  return false;
}
