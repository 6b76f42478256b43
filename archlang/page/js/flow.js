// Which tensors enter and leave each part of a scene, as archlang/draw/flow.py has it.

class Flows {
  constructor(body, results) {
    this.total = new Map();
    this.flows = new Map();
    for (const key of results) this.count(key);
    for (const box of boxesOf(body)) for (const key of box.r) this.count(key);
    this.walk(body);
  }

  count(key) { this.total.set(key, (this.total.get(key) || 0) + 1); }

  of(part) { return this.flows.get(part); }

  // How often the part reads each key, and the keys it makes.
  walk(part) {
    const reads = new Map();
    let makes = [];
    if (!Array.isArray(part) && isBox(part)) {
      for (const key of part.r) reads.set(key, 1);
      makes = givesOf(part).length ? [...givesOf(part)] : [part.k];
    } else {
      for (const inner of inside(part)) {
        const [more, made] = this.walk(inner);
        for (const [key, times] of more) reads.set(key, (reads.get(key) || 0) + times);
        for (const key of made) makes.push(key);
      }
    }
    const own = new Set(makes);
    const takes = [...reads.keys()].filter((key) => !own.has(key));
    const gives = makes.filter((key) => (this.total.get(key) || 0) > (reads.get(key) || 0));
    this.flows.set(part, { takes, gives, makes: own });
    return [reads, makes];
  }
}
