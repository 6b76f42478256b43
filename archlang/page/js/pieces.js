// The pieces of the diagram: what is drawn of boxes, frames, edges and labels, first as plain facts, then as elements.
// The facts say all that is seen but the place, so that pieces with equal facts can take each other's elements.

// ---- boxes -------------------------------------------------------------------

function boxFacts(page, at) {
  const { box } = at, { sheet } = page, ids = sheet.members(box);
  const known = (kind) => ids.some((id) => sheet.byId.get(id)[kind]);
  return {
    width: at.width, height: at.height, lines: box.w.t, family: page.data.kin[box.f] || box.f,
    stacked: timesOf(box) > 1, only: !!box.d, closed: !!box.closed, opens: openingOf(box),
    paint: painted(page, ids), still: known("still"), kernel: !!page.kernels && known("kernel"),
    change: page.other === "" ? "" : ids.map((id) => page.change(id)).find(Boolean) || "same",
  };
}

// What the sign on a box does, in words; "" where there is none.
function openingOf(box) {
  if (box.closed) return "open it";
  return box.repeat ? "show every copy" : "";
}

function openBox(page, box) {
  if (box.closed) page.toggle("closed", box.closed.F);
  else page.toggle("unfolded", box.repeat);
}

function drawBox(page, facts) {
  const { width, height, paint } = facts, rounded = { class: "face", width, height, rx: 5 };
  const group = svg("g", {
    class: `box${facts.only ? " only" : ""}${facts.closed ? " closed" : ""}`, "data-f": facts.family, role: "button",
    "aria-label": facts.lines.map((line) => line[0]).join(", "), "data-change": facts.change || false,
    style: paint && paint.fill ? `--fill:${paint.fill};--text:${paint.text}` : false,
  });
  const holder = svg("g", { class: "holder" }, group);
  if (facts.stacked) group.append(svg("rect", { ...rounded, x: STACK, y: STACK }));
  group.append(svg("rect", { ...rounded, "data-heat": paint && paint.heat }));
  const under = height + (facts.stacked ? STACK : 0) + 2; // beside the box: its own colour may be any
  if (facts.still) group.append(svg("path", { class: "still", d: `M3 ${under}h${width - 6}` }));
  if (facts.kernel) {
    group.append(svg("rect", { class: "kernel", x: -3, y: -3, width: width + 6, height: height + 6, rx: 7 }));
  }
  group.append(drawLines(facts.lines, width));
  if (facts.opens) group.append(drawSign(width - 7, 7, facts.opens, () => openBox(page, holder.at.box)));
  return holder;
}

function drawLines(lines, width) {
  const text = svg("g", { class: "text" });
  for (const [line, size, middle, bold, rule] of lines) {
    if (rule !== undefined) text.append(svg("path", { class: "rule", d: `M5 ${rule}H${width - 5}` }));
    const place = { x: width / 2, y: (middle + size * 0.36).toFixed(2) };
    text.append(svg("text", { ...place, "font-size": size, "font-weight": bold ? "bold" : false }, line));
  }
  return text;
}

function drawSign(x, y, title, onclick) {
  const press = (event) => { event.stopPropagation(); onclick(); };
  return svg("g", { class: "sign", onclick: press },
    svg("title", {}, title), svg("circle", { cx: x, cy: y, r: 5 }),
    svg("path", { d: `M${x - 2.5} ${y}h5M${x} ${y - 2.5}v5` }));
}

// Puts a box in its place, and lets it answer for the layers that it stands for now.
function placeBox(holder, piece, old) {
  const group = holder.firstChild, key = keyOf(piece.at.box);
  holder.at = piece.at;
  movePiece(group, piece, old);
  if (group.dataset.key === key) return;
  holder.dataset.key = key;
  group.dataset.key = key;
  group.id = `at-${key}`;
}

// ---- frames ------------------------------------------------------------------

function frameFacts(at) {
  const { frame } = at, times = timesOf(frame);
  return {
    width: at.width, height: at.height, depth: at.depth % 2, only: !!frame.d, kind: frame.K,
    title: frame.t, sort: frame.s, times, badge: times > 1 ? frame.xw + 8 : 0, headed: !!frame.t || times > 1,
    tip: frame.n || frame.t,
  };
}

function drawFrame(page, facts) {
  const group = svg("g", { class: `frame depth${facts.depth}${facts.only ? " only" : ""} ${facts.kind}` });
  const holder = svg("g", { class: "holder" }, group), size = { width: facts.width, height: facts.height, rx: 7 };
  if (facts.times > 1) for (const step of [2 * STACK, STACK]) group.append(svg("rect", { x: step, y: step, ...size }));
  group.append(svg("rect", size));
  if (facts.headed) group.append(drawHead(page, facts, holder));
  return holder;
}

// The line at the top of a frame, which closes it, with its title, its multiplier, and what it is a call of.
function drawHead(page, facts, holder) {
  const close = () => {
    const { frame } = holder.at;
    if (frame.K === "copies") page.toggle("unfolded", frame.repeat);
    else page.toggle("closed", frame.F);
  };
  const head = svg("g", { class: "head", onclick: close });
  head.append(svg("rect", { class: "grip", width: facts.width, height: FRAME_HEAD, rx: 7 }));
  head.append(svg("text", { x: 8, y: 13.5, "font-weight": "bold" }, facts.title));
  let right = facts.width - 8;
  if (facts.times > 1) {
    head.append(drawBadge(page, facts, right + 3 - facts.badge, holder));
    right -= facts.badge + 1;
  }
  if (facts.sort) head.append(svg("text", { x: right, y: 13.5, "text-anchor": "end" }, facts.sort));
  head.append(svg("title", {}, `${facts.tip}\n(click to ${facts.kind === "copies" ? "fold the copies" : "close"})`));
  return head;
}

function drawBadge(page, facts, x, holder) {
  const unfold = (event) => { event.stopPropagation(); page.toggle("unfolded", holder.at.frame.repeat); };
  const middle = { x: x + facts.badge / 2, y: 13.5, "text-anchor": "middle", "font-weight": "bold" };
  return svg("g", { class: "badge", onclick: unfold },
    svg("title", {}, "show every copy"),
    svg("rect", { x, y: 4, width: facts.badge, height: 13, rx: 6.5 }),
    svg("text", middle, `x${facts.times}`));
}

function placeFrame(holder, piece, old) {
  holder.at = piece.at;
  movePiece(holder.firstChild, piece, old);
}

// ---- edges and labels --------------------------------------------------------

// An edge as it is drawn from its first point, which is its place.
function edgeFacts(page, at) {
  const [x, y] = at.points[0], { sheet } = page, reader = at.to === RESULT ? null : sheet.boxOf.get(at.to);
  const only = [at.from, at.to].some((key) => (sheet.byId.get(key) || {}).only);
  const sized = !!reader && !!reader.z && reader.z.includes(at.from);
  return {
    points: at.points.map((point) => [point[0] - x, point[1] - y]), kind: sized ? " sized" : only ? " only" : "",
    name: at.to === RESULT ? sheet.scene.names[at.from] || "" : "",
  };
}

function drawEdge({ points, kind, name }) {
  const path = [`M${points[0]}`], [x, y] = points[points.length - 1];
  for (let i = 1; i < points.length - 1; i += 1) {
    const [before, corner, after] = points.slice(i - 1, i + 2);
    const reach = Math.min(5, Math.floor(apart(before, corner) / 2), Math.floor(apart(corner, after) / 2));
    path.push(`L${toward(corner, before, reach)}Q${corner} ${toward(corner, after, reach)}`);
  }
  return svg("g", {},
    svg("path", { class: `edge${kind}`, d: `${path.join("")}L${x} ${y - 1}` }),
    svg("path", { class: "arrow", d: `M${x - 3} ${y - 5}L${x} ${y}L${x + 3} ${y - 5}Z` }),
    name ? svg("text", { class: "result", x, y: y + 10 }, name) : null);
}

// How far an edge reaches to the left and the right, found once.
function sides(at) {
  if (!at.sides) {
    const xs = at.points.map((point) => point[0]);
    at.sides = [xs.reduce((least, x) => Math.min(least, x)), largest(xs, -Infinity)];
  }
  return at.sides;
}

function apart(one, other) { return Math.abs(one[0] - other[0]) + Math.abs(one[1] - other[1]); }

function toward(point, goal, reach) {
  return [point[0] + reach * Math.sign(goal[0] - point[0]), point[1] + reach * Math.sign(goal[1] - point[1])];
}

function tagFacts(page, at) {
  return { text: at.text, half: page.sheet.scene.halves[at.text] - 3, depth: at.depth ? (at.depth - 1) % 2 : "none" };
}

function drawTag({ text, half, depth }) {
  return svg("g", { class: `tag depth${depth}` },
    svg("rect", { x: -half, y: -6, width: 2 * half, height: 12 }), svg("text", { y: 3.06 }, text));
}
