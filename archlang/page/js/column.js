// A column: things one under another, and lanes beside them, as archlang/draw/column.py has it.

class ColumnPlanner {
  constructor(items, takes, gives, halves, framed, foot) {
    Object.assign(this, { items, takes, gives, halves, framed, foot });
    this.wires = readWires(items, takes, gives);
    this.count = this.wires.trunk.length;
    this.right = new Array(2 * this.count + 1).fill(0);
    this.left = new Array(2 * this.count + 1).fill(0);
    this.lanes = new Map();
    this.arrivals = new Map();
    this.labelled = this.findLabelled();
    this.withLabel = new Set(this.labelled.map((pair) => pair[0]));
  }

  plan() {
    this.reach();
    this.arrive();
    this.layLanes();
    const asides = this.placeAsides();
    const tracks = new Map([...this.nets(asides)].map(([gap, nets]) => [gap, assignTracks(nets)]));
    const { ys, gaps, drops, height } = this.stack(this.gapHeights(tracks), asides);
    const levels = new Map(), bends = new Map();
    for (const [gap, routes] of tracks) {
      const first = gaps[gap] + drops[gap] + this.head(gap) + TRACK / 2;
      for (const [key, route] of routes) {
        levels.set(`${gap},${key}`, first + TRACK * route.track);
        if (route.bend) bends.set(`${gap},${key}`, [route.bend[0], first + TRACK * route.bend[1]]);
      }
    }
    return {
      left: largest(this.left, 0), right: largest(this.right, 0), height,
      ins: new Map(this.takes.map((key) => [key, this.arrivals.get(key)[1]])),
      outs: new Map(this.gives.map((key) => [key, this.laneOr(key)])),
      bare: new Set(this.gives.filter((key) => this.deferred(key))),
      items: this.items, trunk: this.wires.trunk, asides, ys, gaps,
      arrivals: this.arrivals, lanes: this.lanes, levels, bends,
      tags: this.labelled.map(([gap, key]) => [key, this.arrivals.get(key)[1], gaps[gap] + STUB + LABEL / 2]),
    };
  }

  laneOr(key) { return this.lanes.has(key) ? this.lanes.get(key) : this.arrivals.get(key)[1]; }

  // Whether the label of a tensor is left to whoever holds this column.
  deferred(key) {
    const gap = this.wires.births.get(key);
    return this.framed && gap === this.count && gap > 0 && this.itemAbove(gap).bare.has(key);
  }

  itemAbove(gap) { return this.items[this.wires.trunk[gap - 1]]; }

  findLabelled() {
    const found = [];
    this.wires.trunk.forEach((index, position) => {
      const item = this.items[index];
      for (const key of item.outs.keys()) {
        if (item.bare.has(key) && !this.deferred(key) && this.halves.has(key)) found.push([position + 1, key]);
      }
    });
    return found;
  }

  // How far items and labels reach on both sides, row by row.
  reach() {
    this.wires.trunk.forEach((index, position) => {
      this.left[2 * position + 1] = this.items[index].left;
      this.right[2 * position + 1] = this.items[index].right;
    });
    for (const [gap, key] of this.labelled) {
      const port = this.itemAbove(gap).outs.get(key), half = this.halves.get(key);
      this.right[2 * gap] = Math.max(this.right[2 * gap], port + half);
      this.left[2 * gap] = Math.max(this.left[2 * gap], half - port);
    }
  }

  // The x at which each tensor appears; those that only pass get their lane's x later.
  arrive() {
    this.wires.trunk.forEach((index, position) => {
      for (const [key, port] of this.items[index].outs) this.arrivals.set(key, [position + 1, port]);
    });
    const taken = new Set();
    const first = this.wires.trunk.length ? this.items[this.wires.trunk[0]].ins : new Map();
    for (const key of this.takes) {
      if (!first.has(key) && this.wires.last.get(key) !== 0) continue;
      const ports = first.get(key) || [];
      const port = freePort(ports.length === 1 ? ports[0] : 0, taken);
      taken.add(port);
      this.arrivals.set(key, [0, port]);
    }
    for (const port of taken) {
      this.right[0] = Math.max(this.right[0], port);
      this.left[0] = Math.max(this.left[0], -port);
    }
  }

  // A lane beyond everything it passes for each tensor that is read further on, the shortest first.
  layLanes() {
    const { births, last } = this.wires;
    const waiting = [...births.keys()].filter((key) => (last.get(key) || 0) > births.get(key));
    const length = (key) => last.get(key) - births.get(key);
    waiting.sort((a, b) => length(a) - length(b) || births.get(a) - births.get(b));
    for (const key of waiting) {
      const from = 2 * births.get(key), to = 2 * last.get(key) + 1;
      let right = most(this.right, from, to) + LANE, left = most(this.left, from, to) + LANE;
      const ports = this.ports(key);
      const pull = ports.reduce((sum, port) => sum + Math.sign(port), 0);
      const toLeft = pull < 0 || (pull === 0 && left < right);
      left = onto(left, ports.map((port) => -port));
      right = onto(right, ports);
      this.lanes.set(key, toLeft ? -left : right);
      (toLeft ? this.left : this.right).fill(toLeft ? left : right, from, to);
      if (!this.arrivals.has(key)) this.arrivals.set(key, [0, this.lanes.get(key)]);
    }
  }

  // The x of the ports it goes to and comes from.
  ports(key) {
    const ports = (this.wires.uses.get(key) || []).flatMap(([, index]) => this.items[index].ins.get(key));
    return this.arrivals.has(key) ? [...ports, this.arrivals.get(key)[1]] : ports;
  }

  // Each beyond the lanes, to the right, or to the left where the one before is still beside it.
  placeAsides() {
    const placed = [], busy = { right: -1, left: -1 };
    for (const [index, gap] of this.wires.asides) {
      const item = this.items[index];
      let end = 2 * gap, height = 0;
      while (end < 2 * this.count && height < item.height) {
        end += 1;
        height += end % 2 ? this.items[this.wires.trunk[(end - 1) / 2]].height : ARROW;
      }
      const side = busy.right < 2 * gap || busy.left >= 2 * gap ? "right" : "left";
      const [near, far] = side === "right" ? [item.left, item.right] : [item.right, item.left];
      const x = most(this[side], 2 * gap, end + 1) + ASIDE + near;
      this[side].fill(x + far, 2 * gap, end + 1);
      busy[side] = end;
      placed.push({ index, gap, x: side === "right" ? x : -x });
    }
    return placed;
  }

  // What must be connected in each gap: where each tensor comes down and where it goes on.
  nets(asides) {
    const { births, last, uses } = this.wires;
    const outs = new Map(), shifts = new Map(asides.map((aside) => [aside.index, aside.x]));
    const add = (gap, key, ports) => {
      const name = `${gap},${key}`;
      if (!outs.has(name)) outs.set(name, { gap, key, ports: [] });
      for (const port of ports) outs.get(name).ports.push(port);
    };
    for (const [key, birth] of births) {
      const read = uses.get(key) || [];
      for (const [gap, index] of read) {
        add(gap, key, this.items[index].ins.get(key).map((port) => (shifts.get(index) || 0) + port));
      }
      if (!this.lanes.has(key)) continue;
      add(birth, key, [this.lanes.get(key)]);
      for (const gap of new Set(read.map((use) => use[0]))) {
        if (gap !== birth && gap !== last.get(key)) add(gap, key, [this.lanes.get(key)]);
      }
    }
    const nets = new Map();
    for (const { gap, key, ports } of outs.values()) {
      const [birth, arrival] = this.arrivals.get(key);
      const start = gap === birth ? arrival : this.lanes.get(key);
      const runs = ports.some((port) => port !== start);
      if (!runs && !ports.includes(start)) continue;
      if (!nets.has(gap)) nets.set(gap, []);
      nets.get(gap).push({
        key, start, ends: runs ? [...new Set(ports)] : [start], leaving: runs && gap === birth && gap > 0,
      });
    }
    return nets;
  }

  // The height of each gap: its label, its tracks, the room for an arrow.
  gapHeights(tracks) {
    const reached = new Set([...this.wires.uses.values()].flat().map((use) => use[0]));
    const heights = [];
    for (let gap = 0; gap <= this.count; gap += 1) {
      const routes = tracks.has(gap) ? [...tracks.get(gap).values()] : [];
      const levels = 1 + largest(routes.map((route) => route.track), -1);
      let tail = 0;
      if (reached.has(gap)) tail = gap < this.count ? this.items[this.wires.trunk[gap]].above : ARROW;
      if (gap === this.count) tail = Math.max(tail, this.foot);
      heights.push(this.head(gap) + levels * TRACK + tail);
    }
    return heights;
  }

  // The part of a gap above its tracks: a stub of line and the label, where there is one.
  head(gap) {
    if (this.withLabel.has(gap)) return STUB + LABEL;
    return (gap > 0 && gap < this.count) || (gap && !this.framed) ? STUB : 0;
  }

  // The y of every item and gap, how far the tracks of each gap drop, and the height of it all.
  stack(heights, asides) {
    const ys = [], gaps = [], drops = [], ends = { right: 0, left: 0 };
    let y = 0;
    heights.forEach((height, gap) => {
      gaps.push(y);
      const here = asides.filter((aside) => aside.gap === gap);
      const side = (aside) => (aside.x > 0 ? "right" : "left");
      drops.push(largest(here.map((aside) => ends[side(aside)] - y - this.head(gap)), 0));
      y += drops[gap] + height;
      for (const aside of here) ends[side(aside)] = Math.max(ends[side(aside)], y + this.items[aside.index].height);
      ys.push(y);
      if (gap < this.count) y += this.items[this.wires.trunk[gap]].height;
    });
    const hung = [ends.right, ends.left].filter((end) => end).map((end) => end + this.foot);
    return { ys, gaps, drops, height: Math.max(y, ...hung) };
  }
}
