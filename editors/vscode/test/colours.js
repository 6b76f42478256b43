// Every piece of every network of the zoo has, in VS Code's own engine, the scope that archlang's rules give it.

const { execFileSync } = require("child_process");
const { readFileSync } = require("fs");
const path = require("path");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const GRAMMAR = path.join(__dirname, "..", "syntaxes", "arch.tmLanguage.json");
const PAINTED = `
import json
from archlang.colouring.paint import painted
from archlang.colouring.textmate import SCOPES
from archlang.resources import zoo
texts = [(path.name, path.read_text("utf-8")) for path in sorted(zoo().rglob("*.arch"))]
print(json.dumps([[name, text, [[at, piece, SCOPES.get(c, "")] for at, piece, c in painted(text)]] for name, text in texts]))
`;

async function grammar() {
  const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const onigLib = Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  });
  const loadGrammar = async () => parseRawGrammar(readFileSync(GRAMMAR, "utf8"), GRAMMAR);
  return new Registry({ onigLib, loadGrammar }).loadGrammar("source.arch");
}

// The scope of each character of a text.
function scopes(rules, text) {
  const found = [];
  let state = INITIAL;
  for (const line of text.split("\n")) {
    const told = rules.tokenizeLine(line, state);
    state = told.ruleStack;
    for (const { startIndex, endIndex, scopes } of told.tokens) {
      for (let at = startIndex; at < Math.min(endIndex, line.length); at++) found.push(scopes.length > 1 ? scopes.at(-1) : "");
    }
    found.push("");
  }
  return found;
}

async function main() {
  const rules = await grammar();
  const texts = JSON.parse(execFileSync(process.env.PYTHON || "python", ["-c", PAINTED], { encoding: "utf8", maxBuffer: 1e9 }));
  let wrong = 0, pieces = 0;
  for (const [name, text, painted] of texts) {
    const found = scopes(rules, text);
    for (const [at, piece, scope] of painted) {
      pieces++;
      const here = [...Array(piece.length).keys()].filter((i) => piece[i].trim() && found[at + i] !== scope);
      if (here.length === 0) continue;
      wrong++;
      console.error(`${name}: \`${piece}\` at ${at} is ${found[at + here[0]] || "nothing"}, not ${scope || "nothing"}`);
    }
  }
  console.log(`${texts.length} files, ${pieces} pieces, ${wrong} of another colour`);
  process.exitCode = wrong || !pieces ? 1 : 0;
}

main();
