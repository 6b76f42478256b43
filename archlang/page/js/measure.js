// The size of every part of a scene, and where tensors enter and leave it, as archlang/draw/measure.py has it.

const FRAME_PAD = 9, FRAME_HEAD = 17, FOOT = 7, FORK_FOOT = 2, ABOVE_FRAME = 5, STACK = 3;
const BARE_HEAD = 5, BETWEEN = 14, BESIDE = 8;

class Measure {
  constructor(scene) {
    this.flows = new Flows(scene.body, scene.results);
    this.halves = new Map([...scene.labels].map(([key, text]) => [key, scene.halves[text]]));
    this.widths = new Map();
  }

  makes(item) { return this.flows.of(item).makes; }

  column(column, framed, foot) {
    let width = 0;
    const own = column.filter(isBox);
    for (const box of own) {
      width = Math.max(width, box.w.w);
      for (const port of this.ports(givesOf(box)).values()) width = Math.max(width, 2 * (Math.abs(port) + BESIDE));
    }
    for (const box of own) this.widths.set(box, width);
    const flow = this.flows.of(column);
    const items = column.map((item) => this.item(item));
    return new ColumnPlanner(items, flow.takes, flow.gives, this.halves, framed, foot).plan();
  }

  item(item) {
    if (isBox(item)) return this.box(item);
    return isFork(item) ? this.fork(item) : this.frame(item);
  }

  box(box) {
    const width = this.widths.get(box), stack = timesOf(box) > 1 ? STACK : 0;
    return {
      left: width / 2, right: width / 2 + stack, height: box.w.h + stack,
      ins: new Map(box.r.map((key) => [key, [0]])), outs: this.ports(givesOf(box)), bare: new Set(givesOf(box)),
      above: ARROW, aside: !!box.aside, item: box, inner: { width, height: box.w.h },
    };
  }

  // Where tensors leave a box: the last in the middle, the others right and left by turns.
  ports(gives) {
    if (gives.length < 2) return new Map(gives.map((key) => [key, 0]));
    const end = gives[gives.length - 1], ports = new Map([[end, 0]]);
    const reach = [this.halves.get(end), this.halves.get(end)];
    gives.slice(0, -1).reverse().forEach((key, number) => {
      const side = number % 2, half = this.halves.get(key);
      ports.set(key, (side ? -1 : 1) * (reach[side] + half));
      reach[side] += 2 * half;
    });
    return ports;
  }

  fork(fork) {
    const plans = fork.c.map((column) => this.column(column, false, FORK_FOOT));
    const starts = [];
    let x = 0;
    for (const plan of plans) {
      starts.push(x + plan.left);
      x += plan.left + plan.right + BETWEEN;
    }
    const width = x - BETWEEN, axis = forkAxis(fork, starts);
    const height = largest(plans.map((plan) => plan.height), 0);
    const ins = new Map(), outs = new Map();
    plans.forEach((plan, i) => {
      for (const [key, port] of plan.ins) ins.set(key, [...(ins.get(key) || []), starts[i] - axis + port]);
      for (const [key, port] of plan.outs) outs.set(key, starts[i] - axis + port);
    });
    const top = (plan) => (fork.lv ? 0 : Math.floor((height - plan.height) / 2));
    const inner = plans.map((plan, i) => [starts[i] - axis, top(plan), plan]);
    return {
      left: axis, right: width - axis, height, ins, outs, bare: new Set(), above: 0, aside: false, item: fork, inner,
    };
  }

  frame(frame) {
    const plan = this.column(frame.b, true, FOOT), ports = [0, ...plan.ins.values()];
    const leftmost = ports.reduce((least, port) => Math.min(least, port), 0);
    const times = timesOf(frame) > 1 ? frame.xw + 8 : 0, stack = times ? 2 * STACK : 0;
    const title = frame.t ? frame.tw + 16 - leftmost : 0;
    const sort = frame.sw || times ? largest(ports, 0) + frame.sw + times + 16 : 0;
    return {
      left: Math.max(plan.left + FRAME_PAD, title), right: Math.max(plan.right + FRAME_PAD, sort) + stack,
      height: frameHead(frame) + plan.height + stack,
      ins: new Map([...plan.ins].map(([key, port]) => [key, [port]])), outs: plan.outs, bare: plan.bare,
      above: ABOVE_FRAME, aside: !!frame.a && !plan.outs.size, item: frame, inner: plan,
    };
  }
}

function frameHead(frame) { return frame.t || timesOf(frame) > 1 ? FRAME_HEAD : BARE_HEAD; }

function forkAxis(fork, starts) {
  if (fork.st !== undefined) return starts[fork.st];
  if (starts.length % 2) return starts[(starts.length - 1) / 2];
  return Math.floor((starts[0] + starts[starts.length - 1]) / 2);
}
