// The words of a line, each with its colour: by the grammar's own expressions, which the server sends.

class Words {
  constructor({ patterns, keywords, layers }) {
    this.patterns = patterns.map(([colour, pattern]) => [colour, new RegExp(pattern, "y")]);
    this.keywords = new Set(keywords);
    this.layers = new Set(layers);
  }

  // Pieces of a line that have a colour, as [from, to, colour], in order.
  of(line) {
    const found = [];
    let at = 0;
    while (at < line.length) {
      const hit = this.at(line, at); // a keyword behind a dash is part of a variant's name
      if (hit) found.push(hit[2] === "keyword" && line[at - 1] === "-" ? [hit[0], hit[1], "name"] : hit);
      at = hit ? hit[1] : at + 1;
    }
    return found;
  }

  at(line, at) {
    for (const [colour, pattern] of this.patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(line);
      if (!match || !match[0]) continue;
      const word = match[0];
      return [at, at + word.length, colour === "name" ? this.named(word) : colour];
    }
    return null;
  }

  named(word) {
    if (this.keywords.has(word)) return "keyword";
    return this.layers.has(word) || this.layers.has(word.replace(/\d+([x×]\d+)?$/, "")) ? "layer" : "name";
  }
}
