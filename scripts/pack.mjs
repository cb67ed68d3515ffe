// node scripts/pack.mjs [--out FOLDER]: builds every published package and packs it, as `npm publish` would send it.
// Prints one line of JSON for each: its name, version and tarball.
//
// In the repository `exports` leads to the sources, so that tests and `npm start` run what is written. What is packed is
// put together in a folder of its own: JavaScript and declarations by tsc, the assets, and a package.json whose `exports`
// leads to them. npm does not know `publishConfig.exports`, and a build beside the sources would be found by the tests.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureConsoleBuilt } from "./console.mjs";
import { root } from "./installation.mjs";
import { nodeEnvironment, prepare } from "./launch.mjs";
import { publishedPackages } from "./published-packages.mjs";

const { values: options } = parseArgs({ options: { out: { type: "string" } } });
const staging = join(root, ".tmp", "pack");
const out = resolve(options.out ?? join(staging, "tarballs"));

const node = prepare();
if (node !== undefined) {
  try {
    ensureConsoleBuilt(node);
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const staged = [];
    for (const { folder, ...parts } of publishedPackages) {
      const target = stage(folder, parts);
      await lint(folder, target);
      staged.push(target);
    }
    for (const packed of pack(staged)) console.log(JSON.stringify(packed));
  } catch (error) {
    process.stderr.write(`pack: ${error.message}\n`);
    process.exitCode = 1;
  }
}

/** Puts together what is packed; answers with its folder. */
function stage(folder, { entries = [], assets = [] }) {
  const source = join(root, "packages", folder);
  const target = join(staging, folder);
  mkdirSync(target, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const exported = Object.values(manifest.exports).filter((path) => /\.tsx?$/.test(path));
  compile(source, target, [...exported, ...entries]);
  for (const { from, to } of assets)
    copy(from.startsWith("/") ? join(root, from) : join(source, from), join(target, to));
  writeFileSync(join(target, "package.json"), `${JSON.stringify(packedManifest(manifest), null, 2)}\n`);
  copy(join(source, "README.md"), join(target, "README.md"));
  copy(join(root, "LICENSE"), join(target, "LICENSE"));
  return target;
}

function compile(source, target, entries) {
  const isForBrowsers = existsSync(join(source, "tsconfig.json"));
  const project = join(target, "tsconfig.json");
  const settings = {
    extends: isForBrowsers ? join(source, "tsconfig.json") : join(root, "tsconfig.json"),
    compilerOptions: {
      rootDir: join(source, "src"),
      outDir: join(target, "dist"),
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      // Each package is compiled against the built ones below it: their sources are not ours to emit.
      paths: builtPaths(),
      // Style sheets are no modules to the compiler.
      noUncheckedSideEffectImports: false,
    },
    include: [],
    exclude: [],
    files: entries.map((entry) => join(source, entry)),
  };
  writeFileSync(project, JSON.stringify(settings));
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const result = spawnSync(node, [compiler, "-p", project, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
  });
  rmSync(project);
  if (result.status !== 0) throw new Error(`${source} does not compile.\n${result.stdout}${result.stderr}`);
  nameBuiltFiles(join(target, "dist"));
}

/** The compiler leaves `.ts` in the imports of declarations, where no such file is: older compilers do not look for `.d.ts`. */
function nameBuiltFiles(folder) {
  for (const entry of readdirSync(folder, { recursive: true })) {
    if (!entry.endsWith(".d.ts")) continue;
    const text = readFileSync(join(folder, entry), "utf8");
    writeFileSync(
      join(folder, entry),
      text.replaceAll(/((?:from |import\()"\.{1,2}\/[^"]+)\.tsx?"/g, '$1.js"'),
    );
  }
}

/** Where the compiler finds what is already built: `@holdpoint/protocol` and the like. */
function builtPaths() {
  const paths = {};
  for (const { folder } of publishedPackages) {
    const path = join(staging, folder, "package.json");
    if (!existsSync(path)) continue;
    const { name, exports } = JSON.parse(readFileSync(path, "utf8"));
    for (const [key, place] of Object.entries(exports)) {
      if (place.types !== undefined) paths[`${name}${key.slice(1)}`] = [join(staging, folder, place.types)];
    }
  }
  return paths;
}

function packedManifest(manifest) {
  const exports = Object.entries(manifest.exports).map(([key, path]) => [key, builtPlace(path)]);
  return {
    ...manifest,
    exports: { ...Object.fromEntries(exports), "./package.json": "./package.json" },
    devDependencies: undefined,
  };
}

function builtPlace(path) {
  const built = path.replace(/^\.\/src\//, "./dist/");
  if (!/\.tsx?$/.test(built)) return built;
  const stem = built.replace(/\.tsx?$/, "");
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

function copy(from, to) {
  if (!existsSync(from)) throw new Error(`${from} is missing.`);
  mkdirSync(dirname(to), { recursive: true });
  // What begins with a dot is the build's own.
  cpSync(from, to, { recursive: true, filter: (path) => !basename(path).startsWith(".") || path === from });
}

async function lint(folder, path) {
  const { publint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  const { messages, pkg } = await publint({ pkgDir: path, level: "suggestion", strict: true });
  if (messages.length === 0) return;
  const said = messages.map((message) => `  ${message.type}: ${formatMessage(message, pkg)}`);
  throw new Error(`publint about packages/${folder}:\n${said.join("\n")}`);
}

function pack(folders) {
  const args = [
    "pack",
    ...folders,
    "--pack-destination",
    out,
    "--json",
    "--ignore-scripts",
    "--loglevel=error",
  ];
  const result = spawnSync("npm", args, {
    cwd: out,
    env: nodeEnvironment(node),
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (result.status !== 0) throw new Error(`npm pack failed.\n${result.stderr}${result.error ?? ""}`);
  return Object.values(JSON.parse(result.stdout)).map(({ name, version, filename, size }) => ({
    name,
    version,
    tarball: join(out, filename),
    bytes: size,
  }));
}
