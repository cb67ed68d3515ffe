// Reads the members of an interface with their comments out of a source file, for reference pages.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

/** A member of an interface; one of a nested object type has its path as name, `limits.modelCallsPerMinute`. */
export interface TypeMember {
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
  readonly text: string;
}

interface Comment {
  readonly value: string;
  readonly start: number;
}

type Statement = ReturnType<typeof parseSync>["program"]["body"][number];
type Interface = Extract<Statement, { type: "TSInterfaceDeclaration" }>;
type Signature = Interface["body"]["body"][number];

/** `path` from the root of the repository. Throws when the file exports no such interface. */
export function readMembers(path: string, name: string): TypeMember[] {
  const source = readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), "utf8");
  const { program, comments } = parseSync(path, source);
  for (const statement of program.body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    const { declaration } = statement;
    if (declaration?.type !== "TSInterfaceDeclaration" || declaration.id.name !== name) continue;
    return membersOf(source, comments, declaration.body.body, declaration.body.start);
  }
  throw new Error(`${path} exports no interface ${name}`);
}

function membersOf(
  source: string,
  comments: readonly Comment[],
  signatures: readonly Signature[],
  bodyStart: number,
): TypeMember[] {
  let end = bodyStart;
  return signatures.flatMap((signature) => {
    const comment = comments.findLast(
      ({ start, value }) => value.startsWith("*") && start >= end && start < signature.start,
    );
    end = signature.end;
    const text = comment === undefined ? "" : plainText(comment.value);
    const member = { ...describe(source, signature), text };
    return [member, ...nestedMembers(source, comments, signature, member.name)];
  });
}

function nestedMembers(
  source: string,
  comments: readonly Comment[],
  signature: Signature,
  parent: string,
): TypeMember[] {
  if (signature.type !== "TSPropertySignature") return [];
  const type = signature.typeAnnotation?.typeAnnotation;
  if (type?.type !== "TSTypeLiteral") return [];
  const members = membersOf(source, comments, type.members, type.start);
  // Of an object with one plain member nothing is left to say.
  if (members.every(({ text }) => text === "")) return [];
  return members.map((member) => ({ ...member, name: `${parent}.${member.name}` }));
}

/** As it is written: `name?: type`, or `name(parameters): type`. */
function describe(source: string, { start, end, type }: Signature): Omit<TypeMember, "text"> {
  const written = source
    .slice(start, end)
    .replaceAll(/\/\*\*.*?\*\//gs, "")
    .replaceAll(/\s+/g, " ")
    .replace(/; *$/, "");
  const [, name = "", optional, rest = ""] = /^(\w+)(\?)?\s*(.*)$/s.exec(written) ?? [];
  const isMethod = type === "TSMethodSignature";
  return {
    name,
    isOptional: optional === "?",
    type: isMethod ? rest.replace(/\): /, ") => ") : rest.replace(/^: */, "").replaceAll("; }", " }"),
  };
}

/** A doc comment as one paragraph, without the numbers of the requirements that it cites. */
function plainText(comment: string): string {
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*+ ?/, ""))
    .join(" ")
    .replaceAll(/ \((?:[RID]\d+(?:, )?)+\)/g, "")
    .trim();
}
