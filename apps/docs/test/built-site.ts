import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSite } from "../src/build-site.ts";
import { createCodeHighlighter } from "../src/markdown/code-highlighter.ts";

/** The root of the repository, absolute. */
const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The site of this repository, built into a folder of its own that `remove` takes away. */
export async function buildRepositorySite(): Promise<{ folder: string; pages: number; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "holdpoint-docs-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const highlighter = await createCodeHighlighter();
    const pages = await buildSite({ root: repository, out: folder, highlighter });
    return { folder, pages, remove };
  } catch (error) {
    remove();
    throw error;
  }
}
