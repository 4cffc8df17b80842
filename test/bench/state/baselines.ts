// What keyed state is measured against: count and sum per key in a plain Map, and in a typed open-addressing
// table written by hand for just that.

export interface Counter {
  add(key: number, value: number): void;
}

export function plainMap(): Counter {
  const entries = new Map<number, { count: number; sum: number }>();
  return {
    add(key, value) {
      const entry = entries.get(key);
      if (entry === undefined) entries.set(key, { count: 1, sum: value });
      else {
        entry.count++;
        entry.sum += value;
      }
    },
  };
}

/** Key, count and sum side by side in cells; a count of 0 is an empty place. */
export function typedTable(keys: number): Counter {
  let slots = 16;
  while (slots < keys * 2) slots *= 2;
  const mask = slots - 1;
  const cells = new Float64Array(slots * 3);
  return {
    add(key, value) {
      let h = Math.imul(key ^ (key >>> 16), 0x9e3779b1);
      h ^= h >>> 15;
      for (let at = h & mask; ; at = (at + 1) & mask) {
        const cell = at * 3;
        if (cells[cell + 1] !== 0 && cells[cell] !== key) continue;
        cells[cell] = key;
        cells[cell + 1] = (cells[cell + 1] as number) + 1;
        cells[cell + 2] = (cells[cell + 2] as number) + value;
        return;
      }
    },
  };
}
