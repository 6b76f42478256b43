// The diagram: boxes, frames, edges and labels as the layout has them, drawn where one looks.

const MARGIN = 24, MOST_AT_ONCE = 1500, AROUND = 400, MOVE = 260;
const FAR = 0.22; // a scale at which no text can be read

class Diagram {
  constructor(page) {
    this.page = page;
    this.layers = {};
    for (const name of ["timeline", "frames", "edges", "tags", "boxes"]) this.layers[name] = svg("g", { class: name });
    this.root = svg("g", { id: "network", class: "network" }, ...Object.values(this.layers));
    this.svg = svg("svg", {
      class: "diagram", tabindex: 0, role: "application", "aria-label": "the network's diagram",
    }, this.root);
    this.view = { x: 0, y: 0, scale: 1 };
    const { frames, edges, tags, boxes } = this.layers;
    this.kept = {
      frames: new Kept(frames, ({ facts }) => drawFrame(page, facts), placeFrame),
      edges: new Kept(edges, ({ facts }) => drawEdge(facts), movePiece),
      tags: new Kept(tags, ({ facts }) => drawTag(facts), movePiece),
      boxes: new Kept(boxes, ({ facts }) => drawBox(page, facts), placeBox),
    };
    page.on("sheet", (how) => { this.draw(); if (!how || !how.kept) this.fit(); });
    page.on("folded", (name) => this.refold(name));
    page.on("selected", (how) => { this.mark(); this.follow(); if (how.from !== "diagram") this.lookAtSelected(); });
    page.on("found", () => this.mark());
    page.on("coloured", () => this.draw());
    page.on("hovered", () => this.mark());
    new ResizeObserver(() => this.resized()).observe(this.svg);
  }

  get places() { return this.page.sheet.places; }

  get timeline() { return this.layers.timeline; }

  // How large the window on the network is. It is measured once, as asking makes a browser lay the whole page out.
  get size() {
    if (!this.measured) this.measured = this.svg.getBoundingClientRect();
    return this.measured;
  }

  resized() {
    const { width, height } = this.svg.getBoundingClientRect(), before = this.measured;
    if (!width || !height) return; // it is hidden, as on paper
    if (before && width === before.width && height === before.height) return;
    this.measured = { width, height };
    if (before && before.width) this.place();
    else this.fit(); // it was hidden from the beginning
  }

  // Puts in what should be seen and is not, and takes out what is far away.
  draw(all) {
    const { boxes, frames, edges, tags } = this.places, seen = this.seenArea();
    const few = all || boxes.length + edges.length <= MOST_AT_ONCE;
    const near = (left, top, right, bottom) =>
      few || (left < seen.right && right > seen.left && top < seen.bottom && bottom > seen.top);
    const within = (at) => near(at.x, at.y, at.x + at.width, at.y + at.height);
    const crosses = (at) => {
      const [left, right] = sides(at), { points } = at;
      return near(left - 1, points[0][1], right + 1, points[points.length - 1][1]);
    };
    const about = (at) => near(at.x - 60, at.y - 6, at.x + 60, at.y + 6);
    this.show("frames", frames.filter(within), (at) => `frame ${at.frame.F}`, frameFacts);
    this.show("edges", edges.filter(crosses), (at) => `edge ${at.from} ${at.to}`, (at) => edgeFacts(this.page, at));
    this.show("tags", tags.filter(about), (at) => `tag ${at.key}`, (at) => tagFacts(this.page, at));
    this.show("boxes", boxes.filter(within), (at) => `box ${keyOf(at.box)}`, (at) => boxFacts(this.page, at));
    this.mark();
  }

  show(layer, places, name, say) {
    this.kept[layer].show(places.map((at) => {
      const [x, y] = at.points ? at.points[0] : [at.x, at.y], facts = say(at);
      return { key: name(at), look: JSON.stringify(facts), x, y, at: { ...at, facts } };
    }));
  }

  seenArea() {
    const { width, height } = this.size, { x, y, scale } = this.view;
    return {
      left: -x / scale - AROUND, top: -y / scale - AROUND,
      right: (width - x) / scale + AROUND, bottom: (height - y) / scale + AROUND,
    };
  }

  // Draws the new layout with what was clicked where it was, and lets everything glide from its old place to the new.
  refold(name) {
    const before = new Map(this.standing || []), anchor = this.anchor(name, before), after = this.remember();
    if (anchor && after.has(anchor)) {
      const [old, now] = [before.get(anchor), after.get(anchor)];
      this.view.x += (old.x + old.width / 2 - now.x - now.width / 2) * this.view.scale;
      this.view.y += (old.y - now.y) * this.view.scale;
    }
    this.place();
    this.follow();
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.glide(before);
  }

  glide(before) {
    for (const { key, element, at: now } of [...this.kept.frames.pieces, ...this.kept.boxes.pieces]) {
      const old = before.get(key);
      if (!old) {
        element.animate([{ opacity: 0 }, { opacity: 1 }], { duration: MOVE });
      } else if (old.x !== now.x || old.y !== now.y) {
        const from = `translate(${old.x + old.width / 2 - now.x - now.width / 2}px, ${old.y - now.y}px)`;
        element.animate([{ transform: from }, { transform: "none" }], { duration: MOVE, easing: "ease-out" });
      }
    }
    const appearing = [{ opacity: 0 }, { opacity: 0 }, { opacity: 1 }];
    for (const layer of [this.layers.edges, this.layers.tags]) layer.animate(appearing, { duration: 1.4 * MOVE });
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
    const { boxes, frames } = this.places;
    const there = new Set([...boxes.map((at) => `box ${keyOf(at.box)}`), ...frames.map((at) => `frame ${at.frame.F}`)]);
    const now = keys.find((key) => there.has(key));
    if (now && now !== known) before.set(now, before.get(known));
    return now || null;
  }

  // Applies the view: where the network's corner is on the screen, and how large it is.
  place() {
    const { x, y, scale } = this.view;
    this.root.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
    this.svg.classList.toggle("far", scale < FAR);
    if (!this.standing) this.remember();
    this.draw();
    this.page.tell("viewed");
  }

  fit() {
    this.measured = null;
    const { width, height } = this.size, { width: w, height: h } = this.places;
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
    const { width, height } = this.size;
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
    const [across, down] = [at.x + at.width / 2, at.y + at.height / 2];
    this.look({ scale: near, x: width / 2 - across * near, y: height / 2 - down * near });
  }

  // Tells whoever listens instead of looking which box is the one.
  follow() {
    const [id] = this.page.selected, box = id !== undefined && this.page.sheet.boxShowing(id);
    if (box) this.svg.setAttribute("aria-activedescendant", `at-${keyOf(box)}`);
    else this.svg.removeAttribute("aria-activedescendant");
  }

  // Shows what is selected, found and hovered.
  mark() {
    const { sheet, selected, found, hovered } = this.page;
    const boxes = (ids) => new Set([...ids].map((id) => sheet.boxShowing(id)).filter(Boolean));
    const marked = {
      selected: boxes(selected), found: boxes(found), hovered: boxes(hovered === null ? [] : [hovered]),
    };
    for (const { element, at } of this.kept.boxes.pieces) {
      const { classList } = element.firstChild;
      for (const [name, ones] of Object.entries(marked)) classList.toggle(name, ones.has(at.box));
    }
  }
}
