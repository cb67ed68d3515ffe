import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** One script of src/browser with all that it imports, as a classic script: modules do not load from the disk. */
export async function bundleBrowserScript(name: string): Promise<string> {
  const input = fileURLToPath(new URL(`browser/${name}`, import.meta.url));
  const build = await rolldown({ input, platform: "browser", logLevel: "warn" });
  try {
    const { output } = await build.generate({ format: "iife", minify: true });
    return output[0].code;
  } finally {
    await build.close();
  }
}
