// Where tensors appear and are read in a column, as archlang/draw/wires.py has it, and small sums for its lanes.
// Rows alternate: gap 0, item 0, gap 1, ... gap n. A gap and a key together are written "gap,key".

const TRACK = 8, STUB = 4, LABEL = 12, ARROW = 11, LANE = 11, SPREAD = 14, ASIDE = 16;

// Where each tensor of a column appears, where it is read, and where last, by gap.
function readWires(items, takes, gives) {
  const trunk = [], asides = [], births = new Map(takes.map((key) => [key, 0])), uses = new Map();
  let gap = 0;
  items.forEach((item, index) => {
    for (const key of item.ins.keys()) {
      if (!uses.has(key)) uses.set(key, []);
      uses.get(key).push([gap, index]);
    }
    if (item.aside) {
      asides.push([index, gap]);
    } else {
      gap += 1;
      trunk.push(index);
      for (const key of item.outs.keys()) births.set(key, gap);
    }
  });
  const last = new Map();
  for (const [key, birth] of births) last.set(key, largest((uses.get(key) || []).map((use) => use[0]), birth));
  for (const key of gives) last.set(key, trunk.length);
  return { trunk, asides, births, uses, last };
}

// The largest of as many numbers as there may be, or `least`.
function largest(numbers, least) {
  let found = least;
  for (const number of numbers) if (number > found) found = number;
  return found;
}

function most(numbers, from, to) {
  let found = numbers[from];
  for (let i = from + 1; i < to; i += 1) if (numbers[i] > found) found = numbers[i];
  return found;
}

// The nearest x to `port` that no other tensor enters at.
function freePort(port, taken) {
  let step = 0;
  while (taken.has(port)) {
    step = step > 0 ? -step : -step + SPREAD;
    if (!taken.has(port + step)) return port + step;
  }
  return port;
}

// A port close by, so that the line runs straight into it, or `x` itself.
function onto(x, ports) {
  const found = ports.find((port) => x - Math.floor(LANE / 2) <= port && port <= x + 3 * LANE);
  return found === undefined ? x : found;
}
