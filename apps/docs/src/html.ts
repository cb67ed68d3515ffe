import { posix } from "node:path";

/** Text made safe for the content of an element and for a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/**
 * The address of one file of the site as seen from another. Relative, so that the site works in any folder of
 * any host, and from the disk.
 */
export function relativeUrl(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to);
}
