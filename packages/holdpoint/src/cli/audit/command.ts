import { once } from "node:events";
import type { Writable } from "node:stream";
import type { AuditFormat, AuditScope } from "@holdpoint/client";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { printable } from "../terminal/printable.ts";
import type { VerifyOptions } from "./verify.ts";

interface AuditOptions extends OnlineOptions {
  run?: string;
  session?: string;
  hold?: string;
}

export function auditCommand(context: Context): Command {
  return new Command("audit")
    .description("the log of everything that happened")
    .addCommand(
      scoped(new Command("show"))
        .description("the log of a run, a session or a hold, for people to read")
        .action(context.run((options) => showAudit(context, options))),
    )
    .addCommand(
      scoped(new Command("export"))
        .description("the same, for programs and archives")
        .addOption(
          new Option("--format <format>", "of the export; `log` is with proofs, for `audit verify`")
            .choices(["json", "jsonl", "csv", "text", "log"])
            .default("json"),
        )
        .action(context.run((options) => exportAudit(context, options))),
    )
    .addCommand(
      online(new Command("verify"))
        .description(
          "prove that nothing was changed: of an exported log, alone and offline; without FILE, of the server's",
        )
        .argument("[file]", "what `audit export --format log` has written; - for stdin")
        .option(
          "--checkpoint <file>",
          "checkpoints that were kept elsewhere: show what was cut off or written anew",
        )
        .option(
          "--key <key>",
          "the verifier key that must have signed (default: the one that the log names); once for each",
          (key: string, keys: readonly string[] | undefined) => [...(keys ?? []), key],
        )
        .action(
          context.run(async (file: string | undefined, options: VerifyOptions) => {
            const { verify } = await import("./verify.ts");
            return verify(context, file, options);
          }),
        ),
    );
}

function scoped(command: Command): Command {
  return online(command)
    .option("--run <id>", "of this run")
    .option("--session <id>", "of this session")
    .option("--hold <id>", "of this hold");
}

async function showAudit(context: Context, options: AuditOptions): Promise<void> {
  const client = await context.connect(options);
  const text = await client.audit.export(scopeOf(options), {
    format: options.json === true ? "json" : "text",
  });
  context.console.data(options.json === true ? text.trimEnd() : printable(text, { isProse: true }).trimEnd());
}

/** As the server wrote it, byte for byte: an archive must not differ from the log. */
async function exportAudit(
  context: Context,
  options: AuditOptions & { format: AuditFormat | "log" },
): Promise<void> {
  const client = await context.connect(options);
  if (options.format === "log") {
    const stream = await client.audit.log(scopeOf(options, { isWholeAllowed: true }));
    for await (const chunk of stream) await written(context.world.stdout, chunk);
    return;
  }
  context.world.stdout.write(await client.audit.export(scopeOf(options), { format: options.format }));
}

/** Resolves when there is room for more: a log may be larger than memory. */
async function written(stdout: Writable, chunk: Uint8Array): Promise<void> {
  if (!stdout.write(chunk)) await once(stdout, "drain");
}

function scopeOf(options: AuditOptions, { isWholeAllowed = false } = {}): AuditScope {
  const given = [options.run, options.session, options.hold].filter((id) => id !== undefined);
  if (given.length > 1 || (given.length === 0 && !isWholeAllowed))
    throw new UsageError("Say of what: one of --run, --session and --hold.");
  return { runId: options.run, sessionId: options.session, holdId: options.hold };
}
