// A place for everything, as archlang/draw/layout.py has it: sizes first, inside out, then positions, outside in.

const RESULT = -1;

function layout(scene) {
  const measure = new Measure(scene), plan = measure.column(scene.body, false, ARROW);
  const placer = new Placer(scene, measure), leaving = placer.column(plan, plan.left, 0, 0)[1];
  for (const key of scene.results) {
    const end = [plan.left + plan.outs.get(key), plan.ys[plan.ys.length - 1]];
    placer.edges.push({ from: key, to: RESULT, points: simple([...leaving.get(key), end]) });
  }
  return {
    width: plan.left + plan.right, height: plan.height, axis: plan.left,
    boxes: placer.boxes, frames: placer.frames, edges: placer.edges, tags: placer.tags,
  };
}

class Placer {
  constructor(scene, measure) {
    Object.assign(this, { scene, measure, boxes: [], frames: [], edges: [], tags: [] });
  }

  // Places an item whose axis is at x: the ends behind each of its ports, and the way of each tensor that leaves it.
  item(item, x, y, depth) {
    if (isBox(item.item)) return this.box(item, x, y);
    return isFork(item.item) ? this.fork(item, x, y, depth) : this.frame(item, x, y, depth);
  }

  box(item, x, y) {
    const box = item.item, { width, height } = item.inner;
    this.boxes.push({ box, x: x - width / 2, y, width, height });
    return [
      new Map(box.r.map((key) => [key, [[[box.k, [[x, y]]]]]])),
      new Map([...item.outs].map(([key, port]) => [key, [[x + port, y + height]]])),
    ];
  }

  frame(item, x, y, depth) {
    const frame = item.item, stack = timesOf(frame) > 1 ? 2 * STACK : 0;
    this.frames.push({
      frame, x: x - item.left, y, width: item.left + item.right - stack, height: item.height - stack, depth,
      inside: this.measure.makes(frame),
    });
    const [entries, leaving] = this.column(item.inner, x, y + frameHead(frame), depth + 1);
    return [new Map([...entries].map(([key, ends]) => [key, [ends]])), leaving];
  }

  fork(item, x, y, depth) {
    const entries = new Map(), leaving = new Map();
    for (const [shift, top, plan] of item.inner) {
      const [inner, out] = this.column(plan, x + shift, y + top, depth);
      for (const [key, ends] of inner) entries.set(key, [...(entries.get(key) || []), ends]);
      for (const [key, path] of out) {
        leaving.set(key, [...path, [x + shift + plan.outs.get(key), y + top + plan.height]]);
      }
    }
    return [entries, leaving];
  }

  column(plan, x, y, depth) {
    const starts = new Map([...plan.ins].map(([key, port]) => [key, [[x + port, y]]]));
    const waiting = [], hung = new Set(plan.asides.map((aside) => aside.index));
    const spots = plan.trunk.map((index, gap) => [index, gap, 0]);
    for (const aside of plan.asides) spots.push([aside.index, aside.gap, aside.x]);
    spots.sort((a, b) => a[0] - b[0]);
    for (const [index, gap, shift] of spots) {
      const item = plan.items[index], top = y + plan.ys[gap];
      const [entries, leaving] = this.item(item, x + shift, top, depth);
      for (const [key, ports] of entries) {
        ports.forEach((ends, i) => waiting.push([key, gap, shift + item.ins.get(key)[i], top, ends]));
      }
      if (hung.has(index)) continue;
      for (const [key, path] of leaving) starts.set(key, [...path, [x + item.outs.get(key), top + item.height]]);
    }
    for (const [key, port, middle] of plan.tags) {
      this.tags.push({ key, text: this.scene.labels.get(key), x: x + port, y: y + middle, depth });
    }
    const entering = new Map();
    for (const [key, gap, port, top, ends] of waiting) {
      const way = this.way(plan, key, gap, port, x, y);
      for (const [target, rest] of ends) {
        const path = [...starts.get(key), ...way, [x + port, top], ...rest];
        if (!plan.ins.has(key)) this.edges.push({ from: key, to: target, points: simple(path) });
        else if (entering.has(key)) entering.get(key).push([target, path]);
        else entering.set(key, [[target, path]]);
      }
    }
    const outgoing = new Map();
    for (const [key, port] of plan.outs) {
      outgoing.set(key, [...starts.get(key), ...this.way(plan, key, null, port, x, y)]);
    }
    return [entering, outgoing];
  }

  // The turns of a tensor inside a column, from where it appears to a port in a gap (null: to the bottom).
  way(plan, key, gap, port, x, y) {
    const [birth, arrival] = plan.arrivals.get(key);
    if (gap === birth) return turn(plan, key, gap, arrival, port, x, y);
    const lane = plan.lanes.has(key) ? plan.lanes.get(key) : arrival;
    const turns = turn(plan, key, birth, arrival, lane, x, y);
    return gap === null ? turns : [...turns, ...turn(plan, key, gap, lane, port, x, y)];
  }
}

// The corners of a tensor that comes down at `start` in a gap and goes on at `end`.
function turn(plan, key, gap, start, end, x, y) {
  if (start === end) return [];
  const turns = [], bend = plan.bends.get(`${gap},${key}`);
  let from = start;
  if (bend) {
    turns.push([x + start, y + bend[1]], [x + bend[0], y + bend[1]]);
    from = bend[0];
  }
  const level = plan.levels.get(`${gap},${key}`);
  return [...turns, [x + from, y + level], [x + end, y + level]];
}

// The same way without points that lie on a straight piece.
function simple(path) {
  const kept = [];
  const straight = (a, b, c) => (a[0] === b[0] && b[0] === c[0]) || (a[1] === b[1] && b[1] === c[1]);
  for (const point of path) {
    const end = kept[kept.length - 1];
    if (end && end[0] === point[0] && end[1] === point[1]) continue;
    while (kept.length > 1 && straight(kept[kept.length - 2], kept[kept.length - 1], point)) kept.pop();
    kept.push(point);
  }
  return kept;
}
