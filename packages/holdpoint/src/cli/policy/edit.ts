import type { PolicyFinding } from "@holdpoint/protocol";
import { hasErrors } from "@holdpoint/server";
import { readSettings } from "../../settings.ts";
import type { Context, OnlineOptions } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { formatRelative } from "../terminal/duration.ts";
import { printable, printableJson } from "../terminal/printable.ts";
import { checkFile, readDocument } from "./document.ts";

/** The document goes to stdout, so that `policy show > policy.json` is a file to edit. */
export async function showPolicy(
  context: Context,
  wanted: number | undefined,
  options: OnlineOptions,
): Promise<void> {
  const { console } = context;
  const { policies } = await context.connect(options);
  if (wanted !== undefined) {
    const version = await policies.version(wanted);
    if (options.json === true) console.json(version);
    else console.data(printableJson(version.document, 2));
    return;
  }
  const policy = await policies.get();
  if (options.json === true) {
    console.json(policy);
    return;
  }
  console.data(printableJson(policy.document, 2));
  if (policy.version === 0) console.say("Nobody has given a policy: declarations and defaults decide.");
  else console.say(`Version ${policy.version}, ${describeOrigin(policy, context.world.now())}.`);
  for (const finding of policy.findings) console.say(renderFinding("policy", finding));
  if (policy.shadowVersion !== null) console.say(`Version ${policy.shadowVersion} runs beside it.`);
}

interface Origin {
  source: string;
  createdBy: string | null;
  createdAt: string | null;
  comment: string | null;
}

function describeOrigin({ source, createdBy, createdAt, comment }: Origin, now: number): string {
  const who = source === "config" ? "from the config file" : `by ${printable(createdBy ?? "somebody")}`;
  const when = createdAt === null ? "" : ` ${formatRelative(createdAt, now)}`;
  return `${who}${when}${comment === null ? "" : `: ${printable(comment)}`}`;
}

export async function checkPolicyFile(
  context: Context,
  given: string | undefined,
  options: { strict?: boolean; json?: boolean },
): Promise<number> {
  const { console, world } = context;
  const isStrict = options.strict === true || readSettings(world.env, world.cwd).isStrict;
  const { file, findings } = await checkFile(world, given, { isStrict });
  const isUsable = !hasErrors(findings);
  if (options.json === true) console.json({ file, isUsable, findings });
  else for (const finding of findings) console.data(renderFinding(file, finding));
  const errors = findings.filter(({ severity }) => severity === "error").length;
  console.say(
    `${printable(file)}: ${errors} ${errors === 1 ? "error" : "errors"}, ${findings.length - errors} ${findings.length - errors === 1 ? "warning" : "warnings"}.`,
  );
  return isUsable ? EXIT.ok : EXIT.usage;
}

/** `error  policy.json: rules[3].when: what is wrong. What to do.` */
function renderFinding(file: string, { severity, path, message, remedy }: PolicyFinding): string {
  const place = [file, path].filter((part) => part !== "").join(": ");
  return `${severity.padEnd(7)} ${printable(place)}: ${printable(message)} ${printable(remedy)}`;
}

export interface PutOptions extends OnlineOptions {
  comment?: string;
  expectedVersion?: number;
  shadow?: boolean;
}

export async function putPolicyFile(context: Context, file: string, options: PutOptions): Promise<void> {
  const { console, world } = context;
  const document = await readDocument(world, file);
  const { policies } = await context.connect(options);
  const version = await policies.put({
    document,
    mode: options.shadow === true ? "shadow" : "enforce",
    ...(options.comment !== undefined && { comment: options.comment }),
    ...(options.expectedVersion !== undefined && { expectedVersion: options.expectedVersion }),
  });
  const { findings } = await policies.check(document);
  if (options.json === true) {
    console.json({ ...version, findings });
    return;
  }
  console.data(String(version.version));
  for (const finding of findings) console.say(renderFinding(file, finding));
  console.say(
    options.shadow === true
      ? `Version ${version.version} runs beside the policy in force; \`policy shadow\` tells what it would do.`
      : `Version ${version.version} is in force. What waits is compared with it.`,
  );
}

export async function listVersions(context: Context, options: OnlineOptions): Promise<void> {
  const { console, world } = context;
  const { policies } = await context.connect(options);
  const versions = [];
  for await (const version of policies.versions()) versions.push(version);
  if (options.json === true) {
    console.json({ data: versions });
    return;
  }
  const { version: inForce, shadowVersion } = await policies.get();
  for (const version of versions) {
    const number = version.version;
    const state = number === inForce ? "in force" : number === shadowVersion ? "runs beside" : "not in force";
    console.data([String(number), version.source, state, describeOrigin(version, world.now())].join("\t"));
  }
  if (versions.length === 0) console.say("There is none.");
}
