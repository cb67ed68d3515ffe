import ReactMarkdown, { type Components } from "react-markdown";
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import remarkGfm from "remark-gfm";

const SCHEMA = {
  ...defaultSchema,
  // No image (a pixel tells who read it), no checkbox, nothing that is not words.
  tagNames: (defaultSchema.tagNames ?? []).filter(
    (name) => !["img", "input", "picture", "source"].includes(name),
  ),
  protocols: { ...defaultSchema.protocols, href: ["https", "http"] },
};

const COMPONENTS: Components = {
  // The address is shown, because the words of a link may say another one.
  a: ({ href, children }) => {
    const host = hostOf(href);
    return host === undefined ? (
      <span>{children}</span>
    ) : (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow">
        {children} <span className="hp-quiet">({host})</span>
      </a>
    );
  },
  // Headings inside the words of an agent are no headings of this page.
  h1: ({ children }) => <p className="hp-strong">{children}</p>,
  h2: ({ children }) => <p className="hp-strong">{children}</p>,
  h3: ({ children }) => <p className="hp-strong">{children}</p>,
  h4: ({ children }) => <p className="hp-strong">{children}</p>,
  h5: ({ children }) => <p className="hp-strong">{children}</p>,
  h6: ({ children }) => <p className="hp-strong">{children}</p>,
  pre: ({ children }) => (
    <pre tabIndex={0} role="region" aria-label="Code">
      {children}
    </pre>
  ),
};

interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: Node[];
}

/** HTML written into the Markdown, and images, stay on the page as text: what is hidden cannot be judged. */
function asText() {
  return convert;
}

function convert(node: Node): Node {
  if (node.type === "raw") return { type: "text", value: node.value ?? "" };
  if (node.tagName === "img") {
    const { alt, src } = node.properties ?? {};
    const said = [alt, src].filter((part) => typeof part === "string" && part !== "").join(", ");
    return { type: "text", value: `[image, not loaded: ${said}]` };
  }
  return node.children === undefined ? node : { ...node, children: node.children.map(convert) };
}

/** Words only: no element is made of HTML, and what is left is held against a list of what may be there. */
export function Markdown({ text }: { text: string }) {
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm]}
      rehypePlugins={[asText, [rehypeSanitize, SCHEMA]]}
      components={COMPONENTS}
    >
      {text}
    </ReactMarkdown>
  );
}

function hostOf(href: string | undefined): string | undefined {
  if (href === undefined || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  return ["https:", "http:"].includes(url.protocol) ? url.host : undefined;
}
