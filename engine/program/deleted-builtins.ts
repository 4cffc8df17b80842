// Which built-ins a program has deleted. It shares them with sluice, which then fails in the strangest ways;
// the cause is worth saying. Nothing here calls a method of what may be gone.

const OWNERS: Readonly<Record<string, object>> = {
  globalThis,
  Object,
  Array,
  Promise,
  'Object.prototype': Object.prototype,
  'Function.prototype': Function.prototype,
  'Array.prototype': Array.prototype,
  'String.prototype': String.prototype,
  'Map.prototype': Map.prototype,
  'Set.prototype': Set.prototype,
  'Promise.prototype': Promise.prototype,
};

const { ownKeys } = Reflect;
const { hasOwn, keys } = Object;
const text = String;

const names = keys(OWNERS);
const before: Record<string, readonly (string | symbol)[]> = {};
for (let i = 0; i < names.length; i++) {
  const name = names[i] as string;
  before[name] = ownKeys(OWNERS[name] as object);
}

/** The first of them, as one writes it; undefined when all are there. */
export function deletedBuiltin(): string | undefined {
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const known = before[name] as readonly (string | symbol)[];
    for (let k = 0; k < known.length; k++) {
      const key = known[k] as string | symbol;
      if (hasOwn(OWNERS[name] as object, key)) continue;
      return typeof key === 'symbol' ? `${name}[${text(key)}]` : `${name}.${key}`;
    }
  }
  return undefined;
}
