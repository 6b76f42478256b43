// Finding layers by name, kind or options: all that match shine, Enter goes from one to the next.

class Search {
  constructor(page) {
    this.page = page;
    this.at = -1;
    this.count = html("span", { class: "said", role: "status" });
    this.input = html("input", {
      type: "search", placeholder: "search  /", "aria-label": "search layers", oninput: () => this.find(),
      onkeydown: (event) => {
        if (event.key === "Enter") this.next(event.shiftKey ? -1 : 1);
        if (event.key === "Escape") this.leave();
      },
    });
    this.element = html("span", { class: "search" }, this.input, this.count);
    page.on("searching", () => this.input.focus());
    page.on("sheet", () => this.find());
  }

  find() {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.matches = words.length ? this.page.sheet.order.filter((layer) => {
      const text = `${layer.name} ${layer.kind} ${layer.options} ${layer.output} ${layer.stage}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }).map((layer) => layer.id) : [];
    this.at = -1;
    this.page.found = new Set(this.matches);
    this.count.textContent = words.length ? `${this.matches.length} found` : "";
    this.page.tell("found");
  }

  next(by) {
    if (!this.matches || !this.matches.length) return;
    this.at = (this.at + by + this.matches.length) % this.matches.length;
    const id = this.matches[this.at];
    this.page.reveal(id);
    this.page.select([id], "search");
    this.count.textContent = `${this.at + 1} of ${this.matches.length}`;
  }

  leave() {
    this.input.value = "";
    this.find();
    this.input.blur();
  }
}
