import type { Token } from "markdown-it";

/** Without the heading of the first level. */
export function withoutTitle(tokens: readonly Token[]): Token[] {
  return blocks(tokens)
    .filter((block) => block[0]?.tag !== "h1")
    .flat();
}

/** Without lists of links: on an index the site makes them itself. */
export function withoutLists(tokens: readonly Token[]): Token[] {
  return blocks(tokens)
    .filter((block) => block[0]?.type !== "bullet_list_open")
    .flat();
}

/** The blocks before the first heading of the second level, up to the first picture and with it. */
export function opening(tokens: readonly Token[]): Token[] {
  const all = blocks(tokens);
  const heading = all.findIndex((block) => block[0]?.tag === "h2");
  const words = all.slice(0, heading === -1 ? undefined : heading);
  const picture = words.findIndex((block) =>
    block.some((token) => token.children?.some((child) => child.type === "image")),
  );
  return words.slice(0, picture === -1 ? undefined : picture + 1).flat();
}

/** The outermost blocks, each with all its tokens. */
function blocks(tokens: readonly Token[]): Token[][] {
  const found: Token[][] = [];
  let depth = 0;
  for (const token of tokens) {
    if (depth === 0) found.push([]);
    found.at(-1)?.push(token);
    depth += token.nesting;
  }
  return found;
}
