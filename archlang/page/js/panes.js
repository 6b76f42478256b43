// What stands beside the diagram: panes, one of which is open. A pane is drawn when it is seen.

class Pane {
  constructor(page, element) {
    Object.assign(this, { page, element, waiting: false, behind: false });
  }

  // Draws the pane anew: now, or when somebody opens it, or, where somebody types and looks at the diagram, when that
  // has been painted.
  redraw(how) {
    if (this.element.hidden) {
      this.waiting = true;
    } else if (!this.behind && !(how && how.kept)) {
      this.draw();
    } else if (!this.behind) {
      this.behind = true;
      afterPaint(() => this.catchUp());
    }
  }

  catchUp() {
    this.behind = false;
    if (this.element.hidden) this.waiting = true;
    else this.draw();
  }

  // Shows what is selected; a pane that is closed, or not drawn yet, does so when it is.
  remark(scroll) {
    if (!this.element.hidden && !this.behind) this.mark(scroll);
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
