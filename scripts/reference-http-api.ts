// Writes docs/reference/http-api.md from the service's OpenAPI document: `node scripts/reference-http-api.ts`.
import { writeFileSync } from "node:fs";
import { code, referencePath, renderPage, renderTable } from "./reference-markdown.ts";
import { readOpenApi, type OpenApiDocument, type Operation, type Schema } from "./reference-openapi.ts";

/** Answers that have a section of their own, by the operation that gives them whole. */
const NAMED: readonly { name: string; path: string; isListed: boolean }[] = [
  { name: "Hold", path: "/v1/holds", isListed: true },
  { name: "Hold with its decisions", path: "/v1/holds/{id}", isListed: false },
  { name: "Run", path: "/v1/runs", isListed: true },
  { name: "Run in full", path: "/v1/runs/{id}", isListed: false },
  { name: "Agent", path: "/v1/agents/{id}", isListed: false },
  { name: "Key", path: "/v1/api-keys", isListed: true },
  { name: "Member", path: "/v1/members", isListed: true },
];

/** The whole page, as it is in the repository. */
export async function renderHttpApiPage(): Promise<string> {
  const document = await readOpenApi();
  const shapes = namedShapes(document);
  const tags = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0] ?? "Other";
      tags.set(tag, [...(tags.get(tag) ?? []), renderOperation(method, path, operation, shapes)]);
    }
  }
  return renderPage("HTTP API", "`/openapi.json` of the service", "reference-http-api.ts", [
    "JSON in camelCase; instants are ISO 8601 in UTC. Send the key as `Authorization: Bearer <key>` or `X-API-Key`. Errors are [problem details](error-codes.md). Lists are `{data, nextCursor}` and take `limit` and `cursor`. A body may have 1 MiB.",
    "A POST takes an `Idempotency-Key`: the same key with the same body, from the same key or member, answers with what the first request made; another body with it is 422. Withdrawing, putting off, reporting and erasing may be repeated without one. `GET /health` says that the process lives, `GET /ready` that it can serve; neither asks for a key. `GET /docs` is a page like this one, of the service that runs. `GET /.well-known/jwks.json` has the public key of claims.",
    ...Array.from(tags, ([tag, operations]) => [`## ${tag}`, ...operations].join("\n\n")),
    "## Shapes",
    ...Array.from(shapes, ([, { name, schema }]) => `### ${name}\n\n${renderShape(name, schema, shapes)}`),
  ]);
}

type Shapes = Map<string, { name: string; schema: Schema }>;

/** By their text: the document has every schema in place, and the same one is the same text. */
function namedShapes(document: OpenApiDocument): Shapes {
  const shapes: Shapes = new Map();
  for (const { name, path, isListed } of NAMED) {
    const answer = successOf(document.paths[path]?.["get"]);
    const schema = isListed ? answer?.properties?.["data"]?.items : answer;
    if (schema === undefined) throw new Error(`GET ${path} does not answer with a ${name}`);
    shapes.set(JSON.stringify(schema), { name, schema });
  }
  return shapes;
}

function successOf(operation: Operation | undefined): Schema | undefined {
  return operation?.responses["200"]?.content?.["application/json"]?.schema;
}

function renderOperation(method: string, path: string, operation: Operation, shapes: Shapes): string {
  const query = (operation.parameters ?? []).filter((parameter) => parameter.in === "query");
  const body = operation.requestBody?.content["application/json"]?.schema;
  const answers = Object.entries(operation.responses).filter(([status]) => status !== "default");
  return [
    `### ${method.toUpperCase()} ${path}`,
    `${operation.summary}.`,
    ...(query.length === 0
      ? []
      : [
          renderTable([
            ["query", "required", "type"],
            ...query.map(({ name, required, schema }) => [
              code(name),
              required ? "yes" : "",
              renderType(schema, shapes),
            ]),
          ]),
        ]),
    ...(body === undefined || Object.keys(body.properties ?? {}).length === 0
      ? []
      : [renderMembers(body, shapes, false)]),
    answers.map(([status, answer]) => renderAnswer(status, answer, shapes)).join("\n"),
  ].join("\n\n");
}

function renderAnswer(status: string, answer: Operation["responses"][string], shapes: Shapes): string {
  const [mediaType, content] = Object.entries(answer.content ?? {})[0] ?? [];
  const type = content?.schema === undefined ? undefined : renderAnswered(content.schema, shapes);
  const rest = mediaType === undefined || mediaType === "application/json" ? type : code(mediaType);
  return `- ${status}: ${answer.description}${rest === undefined ? "" : `; ${rest}`}`;
}

/** An answer without a name of its own is told by its members. */
function renderAnswered(schema: Schema, shapes: Shapes): string {
  if (schema.anyOf !== undefined && !shapes.has(JSON.stringify(schema))) {
    return schema.anyOf.map((choice) => renderAnswered(choice, shapes)).join(" or ");
  }
  const { data, nextCursor, ...others } = schema.properties ?? {};
  if (data?.items !== undefined && nextCursor !== undefined && Object.keys(others).length === 0) {
    return `page of ${renderType(data.items, shapes)}`;
  }
  if (schema.properties === undefined || shapes.has(JSON.stringify(schema)))
    return renderType(schema, shapes);
  return code(`{${Object.keys(schema.properties).join(", ")}}`);
}

/** What it has beyond an earlier shape, where it has all of that. */
function renderShape(name: string, schema: Schema, shapes: Shapes): string {
  const { properties = {} } = schema;
  const base = [...shapes.values()].find(
    (shape) =>
      shape.name !== name &&
      Object.keys(shape.schema.properties ?? {}).every((member) => member in properties),
  );
  if (base === undefined) return renderMembers(schema, shapes, true);
  const rest = Object.entries(properties).filter(([member]) => !(member in (base.schema.properties ?? {})));
  const own = renderMembers({ ...schema, properties: Object.fromEntries(rest) }, shapes, true);
  return `What a [${base.name}](#${anchor(base.name)}) has, and:\n\n${own}`;
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll(" ", "-");
}

/** Members of an object, nested objects under their path. */
function renderMembers(schema: Schema, shapes: Shapes, isAnswer: boolean): string {
  const rows = memberRows(schema, shapes, "");
  return isAnswer
    ? renderTable([["member", "type"], ...rows.map(([name = "", , type = ""]) => [name, type])])
    : renderTable([["body", "required", "type"], ...rows]);
}

function memberRows(schema: Schema, shapes: Shapes, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const isRequired = schema.required?.includes(name) === true && member.default === undefined;
    const path = `${prefix}${name}`;
    const nested = nestedIn(member, shapes);
    const row = [code(path), isRequired ? "yes" : "", renderType(member, shapes)];
    return nested === undefined
      ? [row]
      : [row, ...memberRows(nested.schema, shapes, `${path}${nested.suffix}.`)];
  });
}

function nestedIn(schema: Schema, shapes: Shapes): { schema: Schema; suffix: string } | undefined {
  if (shapes.has(JSON.stringify(schema))) return undefined;
  if (schema.items !== undefined) {
    const inner = nestedIn(schema.items, shapes);
    return inner === undefined ? undefined : { schema: inner.schema, suffix: `[]${inner.suffix}` };
  }
  if (schema.properties !== undefined) return { schema, suffix: "" };
  const objects = (schema.anyOf ?? []).filter((choice) => choice.properties !== undefined);
  return objects.length === 1 && objects[0] !== undefined ? nestedIn(objects[0], shapes) : undefined;
}

function renderType(schema: Schema, shapes: Shapes): string {
  const shape = shapes.get(JSON.stringify(schema));
  if (shape !== undefined) return `[${shape.name}](#${anchor(shape.name)})`;
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined)
    return schema.enum.map((value) => code(String(value))).join(", ") + suffix(schema);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined)
    return [...new Set(choices.map((choice) => renderChoice(choice, shapes)))].join(" or ");
  if (schema.items !== undefined) return `list of ${renderType(schema.items, shapes)}${suffix(schema)}`;
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? "any JSON"];
  return `${types.join(" or ")}${suffix(schema)}`;
}

/** A variant of a union is told by its `type`, and by its members. */
function renderChoice(schema: Schema, shapes: Shapes): string {
  const { type, ...members } = schema.properties ?? {};
  const word = type?.const ?? (type?.enum?.length === 1 ? type.enum[0] : undefined);
  if (word === undefined || shapes.has(JSON.stringify(schema))) return renderType(schema, shapes);
  const names = Object.keys(members).map((name) =>
    schema.required?.includes(name) === true ? name : `${name}?`,
  );
  return code(`{${[`type: ${JSON.stringify(word)}`, ...names].join(", ")}}`);
}

const LARGEST = Number.MAX_SAFE_INTEGER;

function suffix(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength, maxItems } = schema;
  const parts = [
    maximum !== undefined && maximum !== LARGEST && minimum !== undefined
      ? `${minimum} to ${maximum}`
      : undefined,
    maxLength === undefined ? undefined : `${minLength ?? 0} to ${maxLength} characters`,
    maxItems === undefined ? undefined : `at most ${maxItems}`,
    schema.default === undefined ? undefined : `default ${code(JSON.stringify(schema.default))}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : `; ${parts.join(", ")}`;
}

if (import.meta.main) writeFileSync(referencePath("http-api"), await renderHttpApiPage());
