// Starts a script of the repository with the right Node. Plain JavaScript for Node 20.
import { realpathSync } from "node:fs";
import module from "node:module";
import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  canRunTypeScript,
  findPackagedNode,
  missingNodeMessage,
} from "../packages/holdpoint/bin/node-runtime.mjs";
import { endWithParent } from "../packages/holdpoint/bin/parent-watch.mjs";
import { runSuccessor } from "../packages/holdpoint/bin/successor.mjs";
import { ensureInstalled, root } from "./installation.mjs";

/** The Node from npm, else the running one. Throws an error with a message for the user where neither will do. */
function chooseNode() {
  const packaged = findPackagedNode(root);
  if (packaged !== undefined) return packaged;
  if (canRunTypeScript(process.versions.node)) return process.execPath;
  throw new Error(missingNodeMessage());
}

/** Where Node keeps what it has compiled and stripped of types: the second start of anything takes half the time. */
const compiled = join(root, "node_modules", ".cache", "node-compile");

/** The environment in which every child finds that Node first. */
export function nodeEnvironment(node, additions = {}) {
  return {
    NODE_COMPILE_CACHE: compiled,
    ...process.env,
    ...additions,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
  };
}

/**
 * Installs what is missing, then becomes `script`: within this process when it already runs on the right Node,
 * otherwise as its parent. Sets the exit code. What is missing on this machine is one message on stderr and
 * exit code 1.
 */
export async function launch(script, args, additions = {}) {
  const node = prepare();
  if (node === undefined) return;
  const env = nodeEnvironment(node, additions);
  endWithParent();
  if (realpathSync(node) === realpathSync(process.execPath)) {
    Object.assign(process.env, env);
    module.enableCompileCache?.(env.NODE_COMPILE_CACHE);
    process.argv = [process.execPath, script, ...args];
    await import(pathToFileURL(script).href);
  } else {
    process.exitCode = await runSuccessor(node, [script, ...args], { env });
  }
}

/** Installs what is missing and answers with the Node to use; undefined after it has said what is wrong. */
export function prepare() {
  try {
    ensureInstalled();
    return chooseNode();
  } catch (error) {
    process.stderr.write(`holdpoint: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
    return undefined;
  }
}
