import { posix } from "node:path";
import { relativeUrl } from "../html.ts";
import { isInRepository } from "../source-page.ts";
import type { ParsedPage } from "./parsed-page.ts";

/** Where a link of a page leads. */
export type LinkTarget =
  | { readonly kind: "page"; readonly href: string }
  | { readonly kind: "external"; readonly href: string }
  /** Exists, but only in the repository: shown as a path, not as a link. */
  | { readonly kind: "repository"; readonly file: string }
  | { readonly kind: "broken"; readonly problem: string };

/** Resolves what the pages write, which is right for GitHub, to the addresses of the site. */
export class LinkTargets {
  readonly #root: string;
  readonly #pages: ReadonlyMap<string, ParsedPage>;

  constructor(root: string, pages: readonly ParsedPage[]) {
    this.#root = root;
    this.#pages = new Map(pages.map((page) => [page.source.file, page]));
  }

  resolve(from: ParsedPage, written: string): LinkTarget {
    if (/^(https?:|mailto:)/.test(written)) return { kind: "external", href: written };
    const [address = "", fragment] = written.split("#", 2);
    const file = this.file(from, address);
    const page = this.#pages.get(file) ?? this.#pages.get(posix.join(file, "README.md"));
    if (page === undefined) {
      if (isInRepository(this.#root, file)) return { kind: "repository", file };
      return { kind: "broken", problem: `no file or page ${JSON.stringify(written)}` };
    }
    const hasTarget = fragment === undefined || page.headings.some((heading) => heading.id === fragment);
    if (!hasTarget) return { kind: "broken", problem: `no heading #${fragment} in ${page.source.file}` };
    const href = page === from ? "" : relativeUrl(from.source.path, page.source.path);
    return { kind: "page", href: fragment === undefined ? href || "#" : `${href}#${fragment}` };
  }

  /** The file that an address of a page names, from the root of the repository. */
  file(from: ParsedPage, address: string): string {
    if (address === "") return from.source.file;
    const path = decodeURI(address);
    return posix.join(path.startsWith("/") ? "." : posix.dirname(from.source.file), path).replace(/\/$/, "");
  }
}
