#!/usr/bin/env node
// The door of the command line. Plain JavaScript, so that a Node too old for the sources can still read
// it: it then starts itself again with the Node that npm installed.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { canRunTypeScript, findPackagedNode, missingNodeMessage } from "./node-runtime.mjs";
import { endWithParent } from "./parent-watch.mjs";
import { runSuccessor } from "./successor.mjs";

const self = fileURLToPath(import.meta.url);

endWithParent();

// Installed it runs what was built: Node strips no types below node_modules.
const isBuilt = existsSync(join(dirname(self), "..", "dist", "cli", "main.js"));

if (canRunTypeScript(process.versions.node)) {
  silenceWarningsAboutConfigs();
  const { main } = await import(isBuilt ? "../dist/cli/main.js" : "../src/cli/main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const node = findPackagedNode(dirname(self));
  if (node === undefined) {
    process.stderr.write(`${missingNodeMessage({ isClone: !isBuilt })}\n`);
    process.exitCode = 1;
  } else {
    process.exitCode = await runSuccessor(node, [...process.execArgv, self, ...process.argv.slice(2)]);
  }
}

// Node 22 says at each start that type stripping is experimental, and every Node that a config without "type": "module" in
// the package.json beside it takes a moment longer to read. Every other warning is let through.
function silenceWarningsAboutConfigs() {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning, ...rest) => {
    const [type, code] = typeof rest[0] === "string" ? rest : [rest[0]?.type, rest[0]?.code];
    if (type === "ExperimentalWarning" && /type stripping/i.test(String(warning))) return;
    if ((code ?? warning?.code) === "MODULE_TYPELESS_PACKAGE_JSON") return;
    emitWarning(warning, ...rest);
  };
}
