import { build } from "vite";

/** One module, minified, as an app's bundler would make it of that source. */
export async function bundle(entry: string): Promise<string> {
  const made = await build({
    configFile: false,
    logLevel: "silent",
    build: {
      write: false,
      minify: true,
      target: "es2024",
      modulePreload: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict", output: { format: "es" } },
    },
  });
  const chunks = [made].flat().flatMap((each) => ("output" in each ? each.output : []));
  const [only, ...others] = chunks.flatMap((chunk) => (chunk.type === "chunk" ? [chunk.code] : []));
  if (only === undefined || others.length > 0)
    throw new Error(`${entry} became ${others.length + 1} modules.`);
  return only;
}
