// What is known of a layer: beside the pointer, and for the selected one with its receptive field drawn on the input.

function facts(page, ids) {
  const { sheet } = page, layers = ids.map((id) => sheet.byId.get(id)), layer = layers[0], lines = [];
  const total = (name) => layers.reduce((sum, one) => plus(sum, one[name]), 0);
  if (layer.kind === "input") return [["", `${layer.name}: ${layer.output}`]];
  lines.push(["in", layer.inputs.map((id) => sheet.byId.get(id).output).join(", ")], ["out", layers[layers.length - 1].output]);
  lines.push(["parameters", amount(total("params"))], ["MACs", amount(total("macs"))], ["memory", bytes(total("bytes"))]);
  const last = layers[layers.length - 1];
  if (last.field) lines.push(["receptive field", pair(last.field) + (last.stride ? `, stride ${pair(last.stride)}, offset ${pair(last.offset)}` : ", the whole input")]);
  if (layers.some((one) => one.only)) lines.push(["", "only in training"]);
  if (layers.some((one) => one.still)) lines.push(["", "does not learn"]);
  if (layer.kernel) lines.push(["", `one kernel runs it with ${sheet.order.filter((one) => one.kernel === layer.kernel && one !== layer).map((one) => one.name).join(", ")}`]);
  return lines;
}

function title(page, ids) {
  const layer = page.sheet.byId.get(ids[0]), more = ids.length > 1 ? ` and ${ids.length - 1} more` : "";
  return `${layer.name}: ${layer.kind}${layer.options ? `(${layer.options})` : ""}${more}`;
}

function listed(lines) {
  return html("dl", {}, ...lines.flatMap(([name, text]) => [html("dt", {}, name), html("dd", {}, text)]));
}

class Hint {
  constructor(page) {
    this.element = html("div", { class: "hint", role: "tooltip", hidden: true });
    page.on("pointed", (at) => {
      this.element.hidden = !at;
      if (!at) return;
      const { box } = at, ids = box.closed ? page.sheet.members(box) : nodesShown(box);
      const names = box.closed ? [html("b", {}, `${box.closed.t} ${box.closed.s}`)] : ids.map((id) => html("b", {}, title(page, [id])));
      const copies = page.sheet.members(box).length;
      if (!box.closed && copies > ids.length) names.push(html("span", {}, `the last of ${timesOf(box) > 1 ? timesOf(box) : copies / ids.length} copies`));
      this.element.replaceChildren(...names, listed(facts(page, ids)));
      const { width, height } = this.element.getBoundingClientRect();
      this.element.style.left = `${Math.max(4, Math.min(at.x + 16, innerWidth - width - 8))}px`;
      this.element.style.top = `${Math.max(4, Math.min(at.y + 16, innerHeight - height - 8))}px`;
    });
  }
}

class Layer extends Pane {
  constructor(page) {
    super(page, html("div", { class: "pane one" }));
    for (const event of ["selected", "sheet"]) page.on(event, () => this.redraw());
  }

  draw() {
    const ids = [...this.page.selected];
    if (!ids.length) {
      this.element.replaceChildren(html("p", {}, "Click a layer, in the diagram, the table, the source or the module."));
      return;
    }
    const layers = ids.map((id) => this.page.sheet.byId.get(id)), last = layers[layers.length - 1];
    this.element.replaceChildren(html("h2", {}, title(this.page, ids)), listed(facts(this.page, ids)), this.drawField(last) || "");
  }

  // The input to scale, and in it what the middle value of the layer's output sees.
  drawField(layer) {
    const input = this.page.sheet.inputs[0], size = input && input[2].match(/· (\d+)x(\d+)$/), out = layer.output.match(/· (\d+)x(\d+)$/);
    if (!size || !layer.field) return null;
    const [rows, columns] = [Number(size[1]), Number(size[2])];
    const spans = [rows, columns].map((whole, axis) => {
      if (!layer.stride) return [0, whole];
      const middle = layer.offset[axis] + layer.stride[axis] * Math.floor((out ? Number(out[axis + 1]) : 1) / 2);
      return [middle - (layer.field[axis] - 1) / 2, layer.field[axis]];
    });
    const [[top, high], [left, wide]] = spans, from = [Math.min(0, left), Math.min(0, top)];
    const to = [Math.max(columns, left + wide), Math.max(rows, top + high)], edge = Math.max(to[0] - from[0], to[1] - from[1]) / 100;
    return html("figure", {}, svg("svg", { class: "field", viewBox: `${from[0] - edge} ${from[1] - edge} ${to[0] - from[0] + 2 * edge} ${to[1] - from[1] + 2 * edge}` },
      svg("rect", { class: "whole", width: columns, height: rows }), svg("rect", { class: "sees", x: left, y: top, width: wide, height: high })),
    html("figcaption", {}, `what the middle value sees of the ${rows}x${columns} input, padding included`));
  }
}
