// The diagram: boxes, frames, edges and labels as the layout has them, drawn where one looks.

const MARGIN = 24, MOST_AT_ONCE = 1500, AROUND = 400, MOVE = 260;

class Diagram {
  constructor(page) {
    this.page = page;
    this.frames = svg("g");
    this.edges = svg("g", { class: "edges" });
    this.tags = svg("g", { class: "tags" });
    this.boxes = svg("g");
    this.timeline = svg("g", { class: "timeline" });
    this.root = svg("g", { id: "network", class: "network" }, this.timeline, this.frames, this.edges, this.tags, this.boxes);
    this.svg = svg("svg", { class: "diagram", tabindex: 0, role: "application", "aria-label": "the network's diagram" }, this.root);
    this.view = { x: 0, y: 0, scale: 1 };
    this.drawn = new Map();
    page.on("sheet", (how) => { this.clear(); this.draw(); if (!how || !how.kept) this.fit(); });
    page.on("folded", (name) => this.refold(name));
    page.on("selected", (how) => { this.mark(); this.follow(); if (how.from !== "diagram") this.lookAtSelected(); });
    page.on("found", () => this.mark());
    page.on("coloured", () => { this.clear(); this.draw(); });
    page.on("hovered", () => this.mark());
  }

  get places() { return this.page.sheet.places; }

  clear() {
    for (const layer of [this.frames, this.edges, this.tags, this.boxes]) layer.replaceChildren();
    this.drawn.clear();
  }

  // Puts in what should be seen and is not, and takes out what is far away.
  draw(all) {
    const { boxes, frames, edges, tags } = this.places;
    const few = all || boxes.length + edges.length <= MOST_AT_ONCE;
    const seen = this.seenArea(), wanted = new Set();
    const near = (left, top, right, bottom) =>
      few || (left < seen.right && right > seen.left && top < seen.bottom && bottom > seen.top);
    const put = (key, layer, create) => {
      wanted.add(key);
      if (this.drawn.has(key)) return;
      const element = create();
      this.drawn.set(key, element);
      layer.append(element);
    };
    for (const at of frames) {
      if (near(at.x, at.y, at.x + at.width, at.y + at.height)) put(`frame ${at.frame.F}`, this.frames, () => drawFrame(this.page, at));
    }
    for (const at of edges) {
      const [left, right] = sides(at), { points } = at;
      if (near(left - 1, points[0][1], right + 1, points[points.length - 1][1])) {
        put(`edge ${at.from} ${at.to}`, this.edges, () => drawEdge(this.page, at));
      }
    }
    for (const at of tags) if (near(at.x - 60, at.y - 6, at.x + 60, at.y + 6)) put(`tag ${at.key}`, this.tags, () => drawTag(this.page, at));
    for (const at of boxes) {
      if (near(at.x, at.y, at.x + at.width, at.y + at.height)) put(`box ${keyOf(at.box)}`, this.boxes, () => drawBox(this.page, at));
    }
    for (const [key, element] of this.drawn) {
      if (wanted.has(key)) continue;
      element.remove();
      this.drawn.delete(key);
    }
    this.page.tell("drawn");
    this.mark();
  }

  seenArea() {
    const { width, height } = this.svg.getBoundingClientRect(), { x, y, scale } = this.view;
    return {
      left: -x / scale - AROUND, top: -y / scale - AROUND,
      right: (width - x) / scale + AROUND, bottom: (height - y) / scale + AROUND,
    };
  }

  // Draws the new layout with what was clicked where it was, and lets everything glide from its old place to the new.
  refold(name) {
    const before = new Map(this.standing || []), anchor = this.anchor(name, before);
    this.clear();
    const after = this.remember();
    if (anchor && after.has(anchor)) {
      const [old, now] = [before.get(anchor), after.get(anchor)];
      this.view.x += (old.x + old.width / 2 - now.x - now.width / 2) * this.view.scale;
      this.view.y += (old.y - now.y) * this.view.scale;
    }
    this.place();
    this.follow();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [key, now] of after) {
      const element = this.drawn.get(key), old = before.get(key);
      if (!element || !element.animate) continue;
      if (!old) {
        element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: MOVE });
      } else if (old.x !== now.x || old.y !== now.y) {
        const from = `translate(${old.x + old.width / 2 - now.x - now.width / 2}px, ${old.y - now.y}px)`;
        element.animate([{ transform: from }, { transform: "none" }], { duration: MOVE, easing: "ease-out" });
      }
    }
    for (const layer of [this.edges, this.tags]) layer.animate([{ opacity: 0 }, { opacity: 0 }, { opacity: 1 }], { duration: 1.4 * MOVE });
  }

  // Where everything stands, by key: what the next layout glides from.
  remember() {
    this.standing = new Map([
      ...this.places.boxes.map((at) => [`box ${keyOf(at.box)}`, at]),
      ...this.places.frames.map((at) => [`frame ${at.frame.F}`, at]),
    ]);
    return this.standing;
  }

  anchor(name, before) {
    const keys = [`frame ${name}`, `box F${name}`];
    const known = keys.find((key) => before.has(key));
    if (!known) return null;
    const now = keys.find((key) => [...this.places.boxes.map((at) => `box ${keyOf(at.box)}`), ...this.places.frames.map((at) => `frame ${at.frame.F}`)].includes(key));
    if (now && now !== known) before.set(now, before.get(known));
    return now || null;
  }

  // Applies the view: where the network's corner is on the screen, and how large it is.
  place() {
    const { x, y, scale } = this.view;
    this.root.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.svg.classList.toggle("far", scale < 0.22);
    if (!this.standing) this.remember();
    this.draw();
    this.page.tell("viewed");
  }

  fit() {
    const { width, height } = this.svg.getBoundingClientRect(), { width: w, height: h } = this.places;
    const whole = Math.min((width - 2 * MARGIN) / w, (height - 2 * MARGIN) / h, 1.5);
    const readable = Math.min(1, (width - 2 * MARGIN) / w);
    const scale = Math.max(0.02, whole < 0.35 && whole < readable ? Math.max(whole, Math.min(readable, 0.8)) : whole);
    this.remember();
    this.look({ scale, x: (width - w * scale) / 2, y: Math.max(MARGIN, (height - h * scale) / 2) });
  }

  // Moves the network to the right where the timeline has no room beside it.
  makeRoom() {
    const room = TIMELINE * this.view.scale;
    if (this.view.x < room) this.look({ ...this.view, x: room });
  }

  look(view) {
    this.view = view;
    this.place();
  }

  // Zooms around a point of the screen.
  zoom(factor, x, y) {
    const scale = Math.min(6, Math.max(0.02, this.view.scale * factor)), by = scale / this.view.scale;
    this.look({ scale, x: x - (x - this.view.x) * by, y: y - (y - this.view.y) * by });
  }

  middle() {
    const { width, height } = this.svg.getBoundingClientRect();
    return [width / 2, height / 2];
  }

  lookAtSelected() {
    const [id] = this.page.selected;
    if (id === undefined) return;
    const box = this.page.sheet.boxShowing(id), at = box && this.places.boxes.find((place) => place.box === box);
    if (!at) return;
    const [width, height] = this.middle().map((half) => 2 * half), { x, y, scale } = this.view;
    const left = x + at.x * scale, top = y + at.y * scale;
    if (left > 40 && top > 40 && left + at.width * scale < width - 40 && top + at.height * scale < height - 40) return;
    const near = Math.max(scale, 0.6);
    this.look({ scale: near, x: width / 2 - (at.x + at.width / 2) * near, y: height / 2 - (at.y + at.height / 2) * near });
  }

  // Tells whoever listens instead of looking which box is the one.
  follow() {
    const [id] = this.page.selected, box = id !== undefined && this.page.sheet.boxShowing(id);
    if (box) this.svg.setAttribute("aria-activedescendant", `at-${keyOf(box)}`);
    else this.svg.removeAttribute("aria-activedescendant");
  }

  // Shows what is selected, found and hovered.
  mark() {
    const sheet = this.page.sheet, keys = (ids) => new Set([...ids].map((id) => sheet.boxShowing(id)).filter(Boolean).map((box) => `box ${keyOf(box)}`));
    const selected = keys(this.page.selected), found = keys(this.page.found);
    const hovered = keys(this.page.hovered === null ? [] : [this.page.hovered]);
    for (const [key, holder] of this.drawn) {
      if (!key.startsWith("box ")) continue;
      const element = holder.firstChild;
      element.classList.toggle("selected", selected.has(key));
      element.classList.toggle("found", found.has(key));
      element.classList.toggle("hovered", hovered.has(key));
    }
  }
}

function drawBox(page, at) {
  const { box } = at, ids = page.sheet.members(box), layer = page.sheet.byId.get(nodesShown(box)[0]);
  const kin = page.data.kin[box.f] || box.f;
  const group = svg("g", {
    class: `box${box.d ? " only" : ""}${box.closed ? " closed" : ""}`, "data-f": kin, "data-key": keyOf(box),
    transform: `translate(${at.x} ${at.y})`, id: `at-${keyOf(box)}`,
    role: "button", "aria-label": box.w.t.map((line) => line[0]).join(", "),
  });
  const outer = svg("g", { class: `holder`, "data-key": keyOf(box) }, group);
  if (timesOf(box) > 1) group.append(svg("rect", { class: "face", x: STACK, y: STACK, width: at.width, height: at.height, rx: 5 }));
  const paint = painted(page, ids), face = { class: "face", width: at.width, height: at.height, rx: 5 };
  if (paint && paint.fill) group.setAttribute("style", `--fill:${paint.fill};--text:${paint.text}`);
  group.append(svg("rect", { ...face, "data-heat": paint && paint.heat }));
  if (layer && ids.some((id) => page.sheet.byId.get(id).still)) group.append(svg("path", { class: "still", d: `M3 ${at.height - 3}h${at.width - 6}` }));
  if (page.kernels && ids.some((id) => page.sheet.byId.get(id).kernel)) group.append(svg("rect", { class: "kernel", x: -3, y: -3, width: at.width + 6, height: at.height + 6, rx: 7 }));
  const text = svg("g", { class: "text" });
  for (const [line, size, middle, bold, rule] of box.w.t) {
    if (rule !== undefined) text.append(svg("path", { class: "rule", d: `M5 ${rule}H${at.width - 5}` }));
    text.append(svg("text", { x: at.width / 2, y: (middle + size * 0.36).toFixed(2), "font-size": size, "font-weight": bold ? "bold" : false }, line));
  }
  group.append(text);
  if (box.closed || box.repeat) {
    group.append(sign("+", at.width - 7, 7, box.closed ? "open it" : "show every copy", () => page.toggle(...(box.closed ? ["closed", box.closed.F] : ["unfolded", box.repeat]))));
  }
  const change = page.other === "" ? "" : ids.map((id) => page.change(id)).find(Boolean) || "same";
  if (change) group.setAttribute("data-change", change);
  return outer;
}

function drawFrame(page, at) {
  const { frame } = at, group = svg("g", { class: `frame depth${at.depth % 2}${frame.d ? " only" : ""} ${frame.K}`, transform: `translate(${at.x} ${at.y})` });
  const size = { width: at.width, height: at.height, rx: 7 };
  if (timesOf(frame) > 1) for (const step of [2 * STACK, STACK]) group.append(svg("rect", { x: step, y: step, ...size }));
  group.append(svg("rect", size));
  const close = () => (frame.K === "copies" ? page.toggle("unfolded", frame.repeat) : page.toggle("closed", frame.F));
  if (frame.t || timesOf(frame) > 1) {
    const head = svg("g", { class: "head", onclick: close });
    head.append(svg("rect", { class: "grip", width: at.width, height: FRAME_HEAD, rx: 7 }));
    head.append(svg("text", { x: 8, y: 13.5, "font-weight": "bold" }, frame.t));
    let right = at.width - 8;
    if (timesOf(frame) > 1) {
      const wide = frame.xw + 8, badge = svg("g", { class: "badge", onclick: (event) => { event.stopPropagation(); page.toggle("unfolded", frame.repeat); } });
      badge.append(svg("title", {}, "show every copy"));
      badge.append(svg("rect", { x: right + 3 - wide, y: 4, width: wide, height: 13, rx: 6.5 }));
      badge.append(svg("text", { x: right + 3 - wide / 2, y: 13.5, "text-anchor": "middle", "font-weight": "bold" }, `x${frame.x}`));
      head.append(badge);
      right -= wide + 1;
    }
    if (frame.s) head.append(svg("text", { x: right, y: 13.5, "text-anchor": "end" }, frame.s));
    head.append(svg("title", {}, `${frame.n || frame.t}\n(click to ${frame.K === "copies" ? "fold the copies" : "close"})`));
    group.append(head);
  }
  return svg("g", { class: "holder" }, group);
}

function sign(text, x, y, title, onclick) {
  const press = (event) => { event.stopPropagation(); onclick(); };
  return svg("g", { class: "sign", onclick: press }, svg("title", {}, title), svg("circle", { cx: x, cy: y, r: 5 }), svg("path", { d: `M${x - 2.5} ${y}h5M${x} ${y - 2.5}v5` }));
}

function drawEdge(page, at) {
  const { points } = at, path = [`M${points[0]}`];
  for (let i = 1; i < points.length - 1; i += 1) {
    const [before, corner, after] = points.slice(i - 1, i + 2);
    const reach = Math.min(5, Math.floor(apart(before, corner) / 2), Math.floor(apart(corner, after) / 2));
    path.push(`L${toward(corner, before, reach)}Q${corner} ${toward(corner, after, reach)}`);
  }
  const [x, y] = points[points.length - 1];
  const only = [at.from, at.to].some((key) => (page.sheet.byId.get(key) || {}).only);
  const sized = at.to !== RESULT && (page.sheet.boxOf.get(at.to) || {}).z;
  const kind = sized && sized.includes(at.from) ? " sized" : only ? " only" : "";
  const group = svg("g", {}, svg("path", { class: `edge${kind}`, d: `${path.join("")}L${x} ${y - 1}` }), svg("path", { class: "arrow", d: `M${x - 3} ${y - 5}L${x} ${y}L${x + 3} ${y - 5}Z` }));
  const name = at.to === RESULT && page.sheet.scene.names[at.from];
  if (name) group.append(svg("text", { class: "result", x, y: y + 10 }, name));
  return group;
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

function drawTag(page, at) {
  const half = page.sheet.scene.halves[at.text] - 3;
  return svg("g", { class: `tag depth${at.depth ? (at.depth - 1) % 2 : "none"}` }, svg("rect", { x: at.x - half, y: at.y - 6, width: 2 * half, height: 12 }), svg("text", { x: at.x, y: at.y + 3.06 }, at.text));
}
