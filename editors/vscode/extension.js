// Starts `archlang lsp` for .arch files, and starts it again when it is told to or its setting changes.

const vscode = require("vscode");
const { LanguageClient, State, TransportKind } = require("vscode-languageclient/node");

const MISSING = "archlang's server did not start. It comes with `pip install 'archlang[lsp]'`; where VS Code does not find it, the setting archlang.server says where it is.";

let client;

async function start() {
  const [command, ...args] = vscode.workspace.getConfiguration("archlang").get("server");
  const server = { command, args, transport: TransportKind.stdio };
  const documents = ["file", "untitled"].map((scheme) => ({ scheme, language: "arch" }));
  client = new LanguageClient("archlang", "archlang", server, { documentSelector: documents });
  try {
    await client.start();
  } catch (error) {
    client.error("the server did not start", error, false);
    const chosen = await vscode.window.showErrorMessage(MISSING, "Open the setting", "Show the output");
    if (chosen === "Open the setting") vscode.commands.executeCommand("workbench.action.openSettings", "archlang.server");
    if (chosen === "Show the output") client.outputChannel.show();
  }
}

async function stop() {
  const stopped = client;
  client = undefined;
  if (stopped && stopped.state === State.Running) await stopped.stop();
}

async function restart() {
  await stop();
  await start();
}

function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("archlang.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("archlang.server") && restart()),
  );
  return start();
}

module.exports = { activate, deactivate: stop };
