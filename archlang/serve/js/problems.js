// What is wrong, as a list: a click goes there, and what can be mended at once has a button that does it.

class Problems {
  constructor(writing) {
    this.writing = writing;
    this.found = [];
    this.list = html("ol", { class: "problems", "aria-label": "what is wrong" });
    this.count = html("p", { class: "count", role: "status" });
    this.element = html("section", { class: "wrong" }, this.count, this.list);
  }

  show(found) {
    this.found = found;
    const severities = ["error", "warning", "note"];
    const said = severities.map((severity) => {
      const number = found.filter((one) => one.severity === severity).length;
      return number ? `${number} ${severity}${number === 1 ? "" : "s"}` : "";
    });
    write(this.count, said.filter(Boolean).join(", ") || "nothing is wrong");
    this.list.replaceChildren(...found.map((one) => this.item(one)));
    const here = found.filter((one) => one.here);
    this.writing.mark(severities, here.map((one) => ({ from: one.start, to: one.end, kind: one.severity })));
  }

  // What is said of a place of the text.
  at(offset) {
    const holds = (one) => one.start <= offset && offset < Math.max(one.end, one.start + 1);
    return this.found.filter((one) => one.here && holds(one));
  }

  item(one) {
    const go = () => { if (one.here) this.writing.goTo(one.start, one.end); };
    const place = one.here ? `line ${one.line}` : `${one.file}:${one.line}`;
    const labels = one.labels.filter((label) => label.text);
    const mends = one.here && one.fix !== null ? button("mend", "change the text so", () => this.mend(one)) : null;
    return html("li", { class: one.severity },
      html("button", { type: "button", class: "place", title: "go there", onclick: go }, place),
      html("span", { class: "message" }, words(one.message)),
      ...labels.map((label) => html("p", {}, `line ${label.line}: `, words(label.text))),
      one.help ? html("p", { class: "help" }, words(one.help), mends) : null,
      ...one.notes.map((note) => html("p", {}, words(note))),
      ...one.trace.map((call) => html("p", {}, `in the call at line ${call.line}: `, html("code", {}, call.text))));
  }

  mend(one) {
    if (this.writing.text.slice(one.start, one.end) !== one.typed) return; // it was written over since
    this.writing.put(one.start, one.end, one.fix);
  }
}

// A sentence with what stands between backticks as code.
function words(text) {
  return html("span", {}, ...text.split("`").map((part, i) => (i % 2 ? html("code", {}, part) : part)));
}
