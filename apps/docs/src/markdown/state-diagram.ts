import { renderMermaidSVG } from "beautiful-mermaid";
import { escapeHtml } from "../html.ts";

/**
 * Draws a Mermaid diagram as SVG to stand in a page. Without a browser: the layout is ELK's. Colours and font
 * come from the page's style sheet; the library's own style, which would fetch a font, is taken out. `id` must
 * be the page's only one. Throws where the source is not a diagram that the library knows.
 */
export function renderDiagram(source: string, id: string, label: string): string {
  const drawn = renderMermaidSVG(source, {
    transparent: true,
    padding: 12,
    nodeSpacing: 20,
    layerSpacing: 36,
  });
  const svg = drawn
    .replace(/<style>[\s\S]*?<\/style>\s*/, "")
    .replace(/^<svg([^>]*?) style="[^"]*"/, `<svg$1 role="img" aria-label="${escapeHtml(label)}"`)
    .replaceAll(/id="(arrowhead[a-z-]*)"/g, `id="${id}-$1"`)
    .replaceAll(/url\(#(arrowhead[a-z-]*)\)/g, `url(#${id}-$1)`)
    .replaceAll(/-?\d+\.\d{2,}/g, (number) => String(Math.round(Number(number) * 10) / 10));
  if (/@import|https?:(?!\/\/www\.w3\.org)| style=/.test(svg)) {
    throw new Error("The diagram carries a style or an address of its own; see state-diagram.ts");
  }
  return svg;
}
