import type { AuditFormat, AuditScope } from "@holdpoint/client";
import { Command, Option } from "commander";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { printable } from "../terminal/printable.ts";

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
          new Option("--format <format>", "of the export")
            .choices(["json", "jsonl", "csv", "text"])
            .default("json"),
        )
        .action(context.run((options) => exportAudit(context, options))),
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
async function exportAudit(context: Context, options: AuditOptions & { format: AuditFormat }): Promise<void> {
  const client = await context.connect(options);
  context.world.stdout.write(await client.audit.export(scopeOf(options), { format: options.format }));
}

function scopeOf(options: AuditOptions): AuditScope {
  const given = [options.run, options.session, options.hold].filter((id) => id !== undefined);
  if (given.length !== 1) throw new UsageError("Say of what: one of --run, --session and --hold.");
  return { runId: options.run, sessionId: options.session, holdId: options.hold };
}
