// The whole network in small, with the part one looks at, for networks longer than the window.

class Minimap {
  constructor(page, diagram) {
    Object.assign(this, { page, diagram });
    this.marks = svg("path");
    this.seen = svg("rect", { class: "seen" });
    this.svg = svg("svg", { class: "minimap", "aria-hidden": true }, this.marks, this.seen);
    for (const event of ["sheet", "folded"]) page.on(event, () => this.draw());
    page.on("viewed", () => this.look());
    const go = (event) => { if (event.buttons) this.go(event); };
    this.svg.addEventListener("pointerdown", go);
    this.svg.addEventListener("pointermove", go);
  }

  draw() {
    const { boxes, width, height } = this.page.sheet.places;
    const boxed = boxes.map((at) => `M${at.x} ${at.y}h${at.width}v${at.height}h${-at.width}Z`).join("");
    if (this.boxed !== boxed) {
      this.boxed = boxed;
      this.svg.setAttribute("viewBox", `-10 -10 ${width + 20} ${height + 20}`);
      this.marks.setAttribute("d", boxed);
    }
    this.look();
  }

  look() {
    const { width, height } = this.diagram.size, { x, y, scale } = this.diagram.view;
    const places = this.page.sheet.places;
    const inside = x >= 0 && y >= 0 && x + places.width * scale <= width && y + places.height * scale <= height;
    this.svg.classList.toggle("idle", inside);
    const seen = { x: -x / scale, y: -y / scale, width: width / scale, height: height / scale };
    for (const [name, value] of Object.entries(seen)) this.seen.setAttribute(name, Math.round(value));
  }

  go(event) {
    const box = this.svg.getScreenCTM().inverse();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(box);
    const [half, tall] = this.diagram.middle(), { scale } = this.diagram.view;
    this.diagram.look({ scale, x: half - point.x * scale, y: tall - point.y * scale });
  }
}
