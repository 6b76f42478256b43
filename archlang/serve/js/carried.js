// A new drawing in place of the old one, with what was folded, selected and looked at where it was.
// Frames go by the titles that lead to them and layers by name, as their numbers change with every line.

const MOST_OPEN = 1500;

class Carried {
  constructor(shown) {
    Object.assign(this, shown);
    this.folded = { unfolded: new Map(), closed: new Map() };
    this.chosen = new Set();
    this.anchors = [];
    this.empty = true;
    this.page.on("selected", (how) => { if (how.from !== "carried") this.chosen = this.names(this.page.selected); });
  }

  names(ids) {
    const layers = [...ids].map((id) => this.page.sheet.byId.get(id));
    return new Set(layers.filter(Boolean).map((layer) => layer.name));
  }

  // Shows other data; what is kept of folds and places outlives a drawing that stops before them.
  take(data, stopped) {
    const { page, diagram } = this;
    if (!this.empty) {
      if (!this.stopped || !this.anchors.length || diagram.view !== this.held) this.anchors = this.anchor();
      this.remember();
    }
    Object.assign(page.data, data);
    page.sheets = data.sheets.map((record) => new Sheet(record, data.columns));
    page.index = data.chosen;
    page.found = new Set();
    page.hovered = null;
    page.changed = new Map();
    page.other = page.canCompare(1 - page.index) ? String(1 - page.index) : "";
    if (this.empty) this.foldLarge();
    this.recall();
    page.selected = new Set(page.sheet.order.filter((layer) => this.chosen.has(layer.name)).map((layer) => layer.id));
    if (!this.empty) this.hold(this.anchors);
    page.tell("sheet", { kept: !this.empty });
    page.tell("selected", { from: "carried" });
    if (this.empty) diagram.fit(); // now that the legend has its height
    else diagram.remember();
    Object.assign(this, { stopped, empty: false, held: diagram.view });
  }

  // Forgets what was folded and selected: another text was opened.
  forget() {
    this.folded = { unfolded: new Map(), closed: new Map() };
    this.chosen = new Set();
    this.empty = true;
  }

  remember() {
    const { state, scene } = this.page.sheet;
    for (const [kind, id, path] of pathsOf(scene)) this.folded[kind].set(path, state[kind].has(id));
  }

  // A network too large to be seen whole opens with its parts closed.
  foldLarge() {
    const { sheet } = this.page;
    if (sheet.places.boxes.length <= MOST_OPEN) return;
    for (const item of itemsOf(sheet.scene.body)) if (isFrame(item)) sheet.state.closed.add(item.F);
    sheet.survey();
  }

  recall() {
    const { sheet } = this.page, known = this.folded;
    let changed = false;
    for (const [kind, id, path] of pathsOf(sheet.scene)) {
      const wanted = known[kind].get(path);
      if (wanted === undefined || wanted === sheet.state[kind].has(id)) continue;
      if (wanted) sheet.state[kind].add(id);
      else sheet.state[kind].delete(id);
      changed = true;
    }
    if (changed) sheet.survey();
  }

  // A layer that is seen, and where on the screen: one that is selected, else the one next to the middle.
  anchor() {
    const { page, diagram } = this, { x, y, scale } = diagram.view, { width, height } = diagram.size;
    const chosen = (box) => page.sheet.members(box).some((id) => page.selected.has(id));
    const seen = [];
    for (const at of diagram.places.boxes) {
      const left = x + at.x * scale, top = y + at.y * scale;
      if (left < -40 || top < -20 || left > width || top > height) continue;
      const far = chosen(at.box) ? -1 : Math.hypot(left - width / 2, top - height / 2);
      seen.push({ box: at.box, far, left: left + (at.width * scale) / 2, top });
    }
    seen.sort((a, b) => a.far - b.far);
    const named = (box) => page.sheet.byId.get(nodesShown(box)[0]).name;
    return seen.slice(0, 40).map(({ box, left, top }) => ({ name: named(box), left, top }));
  }

  hold(anchors) {
    const { page, diagram } = this, { sheet } = page;
    const ids = new Map([...sheet.byId.values()].map((layer) => [layer.name, layer.id]));
    for (const { name, left, top } of anchors) {
      const box = ids.has(name) && sheet.boxShowing(ids.get(name));
      const at = box && diagram.places.boxes.find((place) => place.box === box);
      if (!at) continue;
      const { scale } = diagram.view;
      const view = { scale, x: left - (at.x + at.width / 2) * scale, y: top - at.y * scale };
      if (Math.hypot(view.x - diagram.view.x, view.y - diagram.view.y) < 0.01) return; // it stands where it stood
      diagram.view = view;
      diagram.root.setAttribute("transform", `translate(${view.x} ${view.y}) scale(${scale})`);
      return;
    }
  }
}

// Every frame and repeat of a scene with the way that leads to it: [closed or unfolded, its name, titles and turns].
function pathsOf(scene) {
  const found = [], turns = new Map();
  const path = (above, title) => {
    const whole = `${above}/${title}`, turn = (turns.get(whole) || 0) + 1;
    turns.set(whole, turn);
    return `${whole}#${turn}`;
  };
  const visit = (items, above) => {
    for (const item of items) {
      if (isRepeat(item)) {
        const way = path(above, `x ${item.t}`);
        found.push(["unfolded", item.R, way], ["closed", item.R, way]);
        visit([item.o], way);
        item.a.forEach((copy, i) => visit(copy, `${way}[${i}]`));
      } else if (isFrame(item)) {
        const way = path(above, `${item.t || item.K} ${item.t ? "" : item.s}`);
        found.push(["closed", item.F, way]);
        visit(item.b, way);
      } else if (!isBox(item)) {
        for (const column of inside(item)) visit(column, above);
      }
    }
  };
  visit(scene.body, "");
  return found;
}
