// What a reader sees of a scene, as archlang/draw/shown.py has it: repeats folded or unfolded, frames open or closed.
// A state is two sets of names, {unfolded, closed}.

function isBox(item) { return item.k !== undefined; }
function isFrame(item) { return item.F !== undefined; }
function isFork(item) { return item.c !== undefined; }
function isRepeat(item) { return item.R !== undefined; }
function timesOf(item) { return item.x || 1; }
function givesOf(box) { return box.g || [box.k]; }

function inside(part) {
  if (Array.isArray(part)) return part;
  if (isBox(part)) return [];
  if (isFrame(part)) return [part.b];
  if (isFork(part)) return part.c;
  return [[part.o]];
}

function shown(scene, state) {
  const chosen = scene.body.map((item) => choose(item, state));
  const flows = new Flows(chosen, scene.results);
  const body = chosen.map((item) => close(item, state, flows));
  return { body, results: scene.results, halves: scene.halves, labels: labelled(body, scene.results) };
}

// What is written on each tensor: inside a folded repeat, the range over its copies.
function labelled(body, results) {
  const leaving = leavingFolded(body, new Flows(body, results));
  const texts = new Map();
  for (const box of boxesOf(body)) {
    givesOf(box).forEach((key, i) => texts.set(key, box.L[i][leaving.has(key) ? 0 : 1]));
  }
  return texts;
}

function leavingFolded(part, flows) {
  const found = new Set();
  for (const item of itemsOf(part)) {
    if (timesOf(item) > 1) for (const key of flows.of(item).gives) found.add(key);
  }
  return found;
}

function* itemsOf(part) {
  if (!Array.isArray(part)) yield part;
  for (const inner of inside(part)) yield* itemsOf(inner);
}

function boxesOf(part) { return [...itemsOf(part)].filter(isBox); }

function choose(item, state) {
  if (isBox(item)) return item;
  if (isFrame(item)) return { ...item, b: item.b.map((inner) => choose(inner, state)) };
  if (isFork(item)) return { ...item, c: item.c.map((column) => column.map((inner) => choose(inner, state))) };
  if (!state.unfolded.has(item.R)) return { ...choose(item.o, state), repeat: item.R };
  const copies = item.a.flat().map((inner) => choose(inner, state));
  return { F: item.R, K: "copies", repeat: item.R, t: item.t, s: "", tw: item.tw, sw: 0, xw: 0, w: item.w, b: copies };
}

function close(item, state, flows) {
  if (isFork(item)) return { ...item, c: item.c.map((column) => column.map((inner) => close(inner, state, flows))) };
  if (!isFrame(item)) return item;
  if (state.closed.has(item.F)) return closedBox(item, flows);
  return { ...item, b: item.b.map((inner) => close(inner, state, flows)) };
}

function closedBox(frame, flows) {
  const flow = flows.of(frame), leaving = leavingFolded(frame.b, flows), pairs = new Map();
  for (const box of boxesOf(frame.b)) givesOf(box).forEach((key, i) => pairs.set(key, box.L[i]));
  const gives = flow.gives;
  return {
    k: gives.length ? gives[gives.length - 1] : [...pairs.keys()].pop(),
    g: gives, r: flow.takes, x: frame.x, d: frame.d, f: "closed", w: frame.w,
    L: gives.map((key) => [pairs.get(key)[0], pairs.get(key)[leaving.has(key) ? 0 : 1]]),
    closed: frame, repeat: frame.repeat, aside: !!frame.a && !gives.length,
  };
}
