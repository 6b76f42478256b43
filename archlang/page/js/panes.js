// What stands beside the diagram: panes, one of which is open. A pane is drawn when it is seen.

class Pane {
  constructor(page, element) {
    Object.assign(this, { page, element, waiting: false });
  }

  // Draws the pane anew, now or when somebody opens it.
  redraw() {
    if (this.element.hidden) this.waiting = true;
    else this.draw();
  }

  // Shows what is selected; a pane that is closed does so when it is opened.
  remark(scroll) {
    if (!this.element.hidden) this.mark(scroll);
  }

  open(now) {
    this.element.hidden = !now;
    if (!now) return;
    if (this.waiting) this.draw();
    this.waiting = false;
    this.mark(true);
  }

  mark() {}
}

class Panes {
  constructor(panes) {
    this.panes = panes;
    const tab = (name) => button(name, `show the ${name}`, () => this.show(name), { role: "tab", "data-pane": name });
    this.tabs = html("nav", { role: "tablist" }, ...Object.keys(panes).map(tab));
    this.element = html("aside", {}, this.tabs, ...Object.values(panes).map((pane) => pane.element));
    this.show("table");
  }

  show(name) {
    for (const [other, pane] of Object.entries(this.panes)) pane.open(other === name);
    for (const tab of this.tabs.children) tab.setAttribute("aria-selected", String(tab.dataset.pane === name));
  }
}
