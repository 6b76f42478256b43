// The page's state, and who is told when it changes: which network is shown, what is folded, what is selected.

class Sheet {
  constructor(record, columns) {
    Object.assign(this, record);
    this.order = record.layers.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
    for (const layer of this.order) layer.time = this.times ? this.times[layer.name] || 0 : 0;
    this.byId = new Map(this.order.map((layer) => [layer.id, layer]));
    for (const [id, name, output, size] of record.inputs) {
      const nothing = { options: "", inputs: [], params: 0, macs: 0, time: 0, at: [] };
      this.byId.set(id, { id, name, kind: "input", output, bytes: size, ...nothing });
    }
    this.state = { unfolded: new Set(), closed: new Set() };
    this.survey();
  }

  // Lays the network out as its state has it, and finds for each layer the box that shows it.
  survey() {
    this.seen = shown(this.scene, this.state);
    this.places = layout(this.seen);
    this.alias = new Map();
    for (const item of this.scene.body) this.pairCopies(item);
    this.boxOf = new Map();
    this.boxByKey = new Map();
    for (const box of boxesOf(this.seen.body)) {
      this.boxByKey.set(keyOf(box), box);
      for (const id of nodesShown(box)) this.boxOf.set(id, box);
    }
    this.copiesOf = new Map();
    for (const id of this.byId.keys()) {
      const last = this.standIn(id);
      if (!this.copiesOf.has(last)) this.copiesOf.set(last, []);
      this.copiesOf.get(last).push(id);
    }
  }

  // In a folded repeat each layer of the last copy stands for its like in the others.
  pairCopies(item) {
    if (isRepeat(item)) {
      if (this.state.unfolded.has(item.R)) {
        for (const inner of item.a.flat()) this.pairCopies(inner);
        return;
      }
      const last = allNodes([item.o]);
      for (const copy of item.a) {
        allNodes(copy).forEach((id, i) => { if (id !== last[i]) this.alias.set(id, last[i]); });
      }
      this.pairCopies(item.o);
      return;
    }
    for (const inner of inside(item).flat()) this.pairCopies(inner);
  }

  standIn(id) {
    let at = id;
    while (this.alias.has(at)) at = this.alias.get(at);
    return at;
  }

  boxShowing(id) { return this.boxOf.get(this.standIn(id)); }

  // All layers that a box stands for, those of every copy.
  members(box) { return nodesShown(box).flatMap((id) => this.copiesOf.get(id) || []); }

  // The frames and repeats that hold a layer, the outer before the inner.
  holders(id) {
    const search = (items) => {
      for (const item of items) {
        if (isBox(item)) {
          if (item.n.includes(id)) return [];
        } else if (isRepeat(item)) {
          for (const copy of item.a) {
            const found = search(copy);
            if (found) return [item, ...found];
          }
        } else {
          const found = search(inside(item).flat());
          if (found) return isFrame(item) ? [item, ...found] : found;
        }
      }
      return null;
    };
    return search(this.scene.body) || [];
  }
}

function keyOf(box) { return box.closed ? `F${box.closed.F}` : `B${box.k}`; }

// The layers written in a box: of a closed frame, all of them.
function nodesShown(box) { return box.closed ? boxesOf(box.closed.b).flatMap(nodesShown) : box.n; }

// Every layer of some items, those of every copy, in order.
function allNodes(items) {
  return items.flatMap((item) => {
    if (isBox(item)) return item.n;
    return isRepeat(item) ? item.a.flatMap(allNodes) : allNodes(inside(item).flat());
  });
}

class Page {
  constructor(data) {
    this.data = data;
    this.sheets = data.sheets.map((record) => new Sheet(record, data.columns));
    this.index = data.chosen;
    this.selected = new Set();
    this.hovered = null;
    this.found = new Set();
    this.heat = "";
    this.other = "";
    this.changed = new Map();
    this.listeners = new Map();
  }

  get sheet() { return this.sheets[this.index]; }

  on(event, listener) {
    if (!this.listeners.has(event)) this.listeners.set(event, []);
    this.listeners.get(event).push(listener);
  }

  tell(event, detail) { for (const listener of this.listeners.get(event) || []) listener(detail); }

  show(index) {
    const names = [...this.selected].map((id) => this.sheet.byId.get(id).name);
    if (this.other === String(index)) this.other = String(this.index);
    this.index = index;
    if (this.other !== "" && !this.canCompare(Number(this.other))) this.other = "";
    this.selected = new Set(this.sheet.order.filter((layer) => names.includes(layer.name)).map((layer) => layer.id));
    this.found = new Set();
    this.tell("sheet");
    this.tell("selected", {});
  }

  // Selects layers; `from` says who asked, so that it need not scroll to what was just clicked.
  select(ids, from) {
    this.selected = new Set(ids.filter((id) => this.sheet.byId.has(id)));
    this.tell("selected", { from });
  }

  // The layers that the narrowest thing written at a place of the source stands for.
  writtenAt(place) {
    let narrowest = Infinity, found = [];
    for (const layer of this.sheet.order) {
      for (const [from, to] of layer.at) {
        if (place < from || place >= to || to - from > narrowest) continue;
        if (to - from < narrowest) [narrowest, found] = [to - from, []];
        found.push(layer.id);
        break;
      }
    }
    return found;
  }

  hover(id) {
    this.hovered = this.sheet.byId.has(id) ? id : null; // a row may be of the text before
    this.tell("hovered");
  }

  toggle(kind, name) {
    const names = this.sheet.state[kind];
    if (!names.delete(name)) names.add(name);
    this.refold(name);
  }

  refold(name) {
    this.sheet.survey();
    this.tell("folded", name);
  }

  // Closes the innermost part that holds what is selected, and folds copies as one.
  closeAround() {
    const [id] = this.selected, { unfolded, closed } = this.sheet.state;
    if (id === undefined) return;
    const holder = this.sheet.holders(this.sheet.standIn(id)).findLast((item) =>
      (isRepeat(item) ? unfolded.has(item.R) : item.t && !closed.has(item.F)));
    if (holder) this.toggle(...(isRepeat(holder) ? ["unfolded", holder.R] : ["closed", holder.F]));
  }

  // Opens whatever hides a layer.
  reveal(id) {
    const hidden = this.sheet.holders(id).filter((item) => isFrame(item) && this.sheet.state.closed.delete(item.F));
    if (hidden.length) this.refold();
  }

  foldAll(closed) {
    const state = this.sheet.state;
    state.unfolded.clear();
    state.closed.clear();
    if (closed) {
      for (const item of itemsOf(this.sheet.scene.body)) if (isFrame(item)) state.closed.add(item.F);
    }
    this.refold();
  }

  unfoldAll() {
    const state = this.sheet.state;
    const visit = (item) => {
      if (isRepeat(item)) {
        state.unfolded.add(item.R);
        item.a.flat().forEach(visit);
      } else {
        inside(item).flat().forEach(visit);
      }
    };
    state.closed.clear();
    this.sheet.scene.body.forEach(visit);
    this.refold();
  }

  // What a box weighs in the colours chosen: over all the layers it stands for.
  weight(ids) {
    const layers = ids.map((id) => this.sheet.byId.get(id));
    const sum = (of) => layers.reduce((total, layer) => total + (Number(of(layer)) || 0), 0);
    if (this.heat === "intensity") {
      const read = (layer) => layer.inputs.reduce((all, id) => all + this.sheet.byId.get(id).bytes, 0);
      const moved = sum((layer) => layer.bytes + 4 * layer.params + read(layer));
      return moved ? sum((layer) => layer.macs) / moved : 0;
    }
    return sum((layer) => layer[this.heat]);
  }

  // What became of a layer between the tab shown and the one it is compared with: "" if nothing did.
  change(id) {
    return this.other === "" ? "" : this.changes().get(id) || "";
  }

  // By layer of the tab shown, or of the other one, those that are not the same in both.
  changes(ofOther) {
    const other = Number(this.other), name = this.pairName(other), side = (this.index < other) === !ofOther ? 0 : 1;
    const known = `${name} ${side}`;
    if (!this.changed.has(known)) {
      const marks = Object.entries(this.data.differences[name][side]);
      this.changed.set(known, new Map(marks.flatMap(([change, ids]) => ids.map((id) => [id, change]))));
    }
    return this.changed.get(known);
  }

  pairName(other) { return `${Math.min(this.index, other)}-${Math.max(this.index, other)}`; }

  canCompare(other) { return this.pairName(other) in this.data.differences; }
}
