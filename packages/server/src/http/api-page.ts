import { hash } from "node:crypto";
import { escapeHtml } from "../escape-html.ts";

/** As much of an OpenAPI document as the page shows. */
export interface ApiDocument {
  info: { title: string; version: string };
  paths?: object;
}

interface Schema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
}

interface Operation {
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>;
}

const STYLE = `:root{color-scheme:light dark;font:15px/24px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
body{max-width:60rem;margin:0 auto;padding:32px 24px 96px;background:light-dark(#fbfbf9,#131415);color:light-dark(#17191b,#ececea);overflow-wrap:anywhere}
h1{font-size:24px;line-height:32px}h2{margin-top:40px;border-bottom:1px solid light-dark(#e3e3dd,#2a2d2f)}
a{color:inherit}nav a{margin-right:16px}
details{border-bottom:1px solid light-dark(#e3e3dd,#2a2d2f)}summary{padding:12px 0;cursor:pointer}
summary:focus-visible,a:focus-visible{outline:2px solid currentColor;outline-offset:2px}
code,pre{font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:13px}
.method{display:inline-block;min-width:4.5em;font-weight:600}
table{border-collapse:collapse;margin:8px 0 16px;width:100%}th,td{text-align:left;vertical-align:top;padding:4px 16px 4px 0;border-top:1px solid light-dark(#e3e3dd,#2a2d2f)}
pre{max-height:24rem;overflow:auto;padding:12px;border:1px solid light-dark(#e3e3dd,#2a2d2f)}`;

/** What the page is sent with: it runs no script and loads nothing. */
export const API_PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy":
    `default-src 'none'; style-src 'sha256-${hash("sha256", STYLE, "base64")}'; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** The API as a page for people, made of the document that machines read. */
export function renderApiPage(document: ApiDocument): string {
  const byTag = new Map<string, string[]>();
  const paths = (document.paths ?? {}) as Record<string, Record<string, Operation>>;
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0] ?? "Other";
      byTag.set(tag, [...(byTag.get(tag) ?? []), renderOperation(method, path, operation)]);
    }
  }
  const tags = [...byTag.keys()];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(document.info.title)} API</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(document.info.title)} API <small>${escapeHtml(document.info.version)}</small></h1>
<p>JSON in camelCase; instants are ISO 8601 in UTC. Send a key as <code>Authorization: Bearer &lt;key&gt;</code> or <code>X-API-Key</code>; <code>npx holdpoint keys create</code> makes one. Errors are problem details (RFC 9457) with <code>code</code>, <code>detail</code> and <code>requestId</code>. A POST takes an <code>Idempotency-Key</code>. For machines: <a href="/openapi.json">/openapi.json</a>.</p>
<nav aria-label="Sections">${tags.map((tag) => `<a href="#${anchor(tag)}">${escapeHtml(tag)}</a>`).join("")}</nav>
${tags.map((tag) => `<section><h2 id="${anchor(tag)}">${escapeHtml(tag)}</h2>${byTag.get(tag)?.join("")}</section>`).join("\n")}
</main></body></html>
`;
}

function anchor(tag: string): string {
  return tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

function renderOperation(method: string, path: string, operation: Operation): string {
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
  const body = operation.requestBody?.content["application/json"]?.schema;
  const answers = Object.entries(operation.responses).filter(([status]) => status !== "default");
  return `<details><summary><code><span class="method">${method.toUpperCase()}</span> ${escapeHtml(path)}</code><br>${escapeHtml(operation.summary)}</summary>
${renderMembers(
  "Query",
  query.map(({ name, required, schema }) => [name, required === true, schema ?? {}]),
)}
${renderMembers("Body", membersOf(body))}${renderSchema(body)}
${answers.map(([status, answer]) => `<p><strong>${status}</strong> ${escapeHtml(answer.description)}</p>${renderSchema(Object.values(answer.content ?? {})[0]?.schema)}`).join("\n")}
</details>`;
}

type Member = [name: string, isRequired: boolean, schema: Schema];

function membersOf(schema: Schema | undefined): Member[] {
  return Object.entries(schema?.properties ?? {}).map(([name, member]) => [
    name,
    schema?.required?.includes(name) === true && member.default === undefined,
    member,
  ]);
}

function renderMembers(title: string, members: readonly Member[]): string {
  if (members.length === 0) return "";
  const rows = members.map(
    ([name, isRequired, schema]) =>
      `<tr><td><code>${escapeHtml(name)}</code></td><td>${isRequired ? "required" : ""}</td>` +
      `<td>${escapeHtml(typeInWords(schema))}</td><td>${escapeHtml(schema.description ?? "")}</td></tr>`,
  );
  return `<table><thead><tr><th scope="col">${title}</th><th scope="col"></th><th scope="col">Type</th><th scope="col">What it is</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function typeInWords(schema: Schema): string {
  const choices = schema.anyOf ?? schema.oneOf;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (choices !== undefined) return [...new Set(choices.map(typeInWords))].join(" | ");
  if (schema.items !== undefined) return `list of ${typeInWords(schema.items)}`;
  return Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "any JSON");
}

function renderSchema(schema: Schema | undefined): string {
  if (schema === undefined) return "";
  return `<details><summary>JSON Schema</summary><pre tabindex="0">${escapeHtml(JSON.stringify(schema, null, 2))}</pre></details>`;
}
