// What is known of a layer: beside the pointer, and for the selected one with its receptive field drawn on each input.

function facts(page, ids) {
  const { sheet } = page, layers = ids.map((id) => sheet.byId.get(id)), layer = layers[0];
  if (layer.kind === "input") return [["", `${layer.name}: ${layer.output}`]];
  const last = layers[layers.length - 1], total = (name) => layers.reduce((sum, one) => plus(sum, one[name]), 0);
  const lines = [
    ["in", layer.inputs.map((id) => sheet.byId.get(id).output).join(", ")], ["out", last.output],
    ["parameters", amount(total("params"))], ["MACs", amount(total("macs"))], ["memory", bytes(total("bytes"))],
    ...fieldsOf(sheet, last).map(fieldLine),
  ];
  if (layers.some((one) => one.only)) lines.push(["", "only in training"]);
  if (layers.some((one) => one.still)) lines.push(["", "does not learn"]);
  if (layer.kernel) {
    const others = sheet.order.filter((one) => one.kernel === layer.kernel && one !== layer);
    lines.push(["", `one kernel runs it with ${others.map((one) => one.name).join(", ")}`]);
  }
  return lines;
}

// What a value of a layer sees of each input that is a map and leads to it: {name, input, field, stride, offset}.
// With one input that is the layer's own field; with several it is told apart, and the input named.
function fieldsOf(sheet, layer) {
  if (sheet.fields) {
    return (sheet.fields[layer.id] || []).map(([id, field, stride, offset]) => {
      const input = sheet.byId.get(id);
      return { name: input.name, input, field, stride, offset };
    });
  }
  const input = sheet.inputs.length ? sheet.byId.get(sheet.inputs[0][0]) : null, { field, stride, offset } = layer;
  return field ? [{ name: "", input, field, stride, offset }] : [];
}

function fieldLine({ name, field, stride, offset }) {
  const steps = stride ? `, stride ${pair(stride)}, offset ${pair(offset)}` : ", the whole input";
  return [name ? `receptive field in ${name}` : "receptive field", pair(field) + steps];
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
    this.page = page;
    this.element = html("div", { class: "hint", role: "tooltip", hidden: true });
    page.on("pointed", (at) => {
      this.element.hidden = !at;
      if (at) this.show(at);
    });
  }

  show({ box, x, y }) {
    const { page } = this, ids = box.closed ? page.sheet.members(box) : nodesShown(box);
    this.element.replaceChildren(...this.names(box, ids), listed(facts(page, ids)));
    const { width, height } = this.element.getBoundingClientRect();
    this.element.style.left = `${Math.max(4, Math.min(x + 16, innerWidth - width - 8))}px`;
    this.element.style.top = `${Math.max(4, Math.min(y + 16, innerHeight - height - 8))}px`;
  }

  names(box, ids) {
    if (box.closed) return [html("b", {}, `${box.closed.t} ${box.closed.s}`)];
    const names = ids.map((id) => html("b", {}, title(this.page, [id]))), all = this.page.sheet.members(box).length;
    if (all > ids.length) {
      const copies = timesOf(box) > 1 ? timesOf(box) : all / ids.length;
      names.push(html("span", {}, `the last of ${copies} copies`));
    }
    return names;
  }
}

const SIZED = /· (\d+)x(\d+)$/; // a map with its height and width

class Layer extends Pane {
  constructor(page) {
    super(page, html("div", { class: "pane one" }));
    for (const event of ["selected", "sheet"]) page.on(event, (how) => this.redraw(how));
  }

  draw() {
    const { sheet } = this.page, ids = [...this.page.selected];
    if (!ids.length) {
      const how = "Click a layer, in the diagram, the table, the source or the module.";
      this.element.replaceChildren(html("p", {}, how));
      return;
    }
    const last = sheet.byId.get(ids[ids.length - 1]), heading = html("h2", {}, title(this.page, ids));
    const figures = fieldsOf(sheet, last).map((one) => drawField(last, one));
    this.element.replaceChildren(heading, listed(facts(this.page, ids)), ...figures);
  }
}

// An input to scale, and in it what the middle value of a layer's output sees; nothing where its size is open.
function drawField(layer, seen) {
  const size = seen.input && SIZED.exec(seen.input.output), out = SIZED.exec(layer.output);
  if (!size) return "";
  const [rows, columns] = [Number(size[1]), Number(size[2])];
  const [[top, high], [left, wide]] = [rows, columns].map((whole, axis) => {
    if (!seen.stride) return [0, whole];
    const middle = seen.offset[axis] + seen.stride[axis] * Math.floor((out ? Number(out[axis + 1]) : 1) / 2);
    return [middle - (seen.field[axis] - 1) / 2, seen.field[axis]];
  });
  const [x, y] = [Math.min(0, left), Math.min(0, top)];
  const width = Math.max(columns, left + wide) - x, height = Math.max(rows, top + high) - y;
  const edge = Math.max(width, height) / 100;
  const viewBox = [x - edge, y - edge, width + 2 * edge, height + 2 * edge].join(" ");
  const of = seen.name ? `${seen.name}, ${rows}x${columns}` : `the ${rows}x${columns} input`;
  return html("figure", {},
    svg("svg", { class: "field", viewBox },
      svg("rect", { class: "whole", width: columns, height: rows }),
      svg("rect", { class: "sees", x: left, y: top, width: wide, height: high })),
    html("figcaption", {}, `what the middle value sees of ${of}, padding included`));
}
