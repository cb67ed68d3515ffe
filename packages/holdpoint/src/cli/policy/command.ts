import { Argument, Command, Option } from "commander";
import { IMPACTS, REVERSIBILITIES } from "@holdpoint/protocol";
import { online, type Context, type OnlineOptions } from "../context.ts";
import { parseCount } from "../numbers.ts";
import type { PutOptions } from "./edit.ts";
import type { ExplainOptions } from "./explain.ts";
import { calibrationCommand } from "./calibration.ts";
import { parseNumber } from "./number.ts";
import { samplesCommand } from "./samples.ts";

const FILE = "a JSON file, or a config file";

/** Loaded at first use: checking a file loads what the service is made of. */
const edit = () => import("./edit.ts");
const tryOut = () => import("./try.ts");

export function policyCommand(context: Context): Command {
  return new Command("policy")
    .description("what must be asked, of whom, how soon, and what silence means")
    .addCommand(
      online(new Command("show"))
        .description("the policy in force, as JSON on stdout")
        .addArgument(new Argument("[version]", "that version instead").argParser(parseCount))
        .action(
          context.run(async (version: number | undefined, options: OnlineOptions) =>
            (await edit()).showPolicy(context, version, options),
          ),
        ),
    )
    .addCommand(
      new Command("check")
        .description("what is wrong or doubtful in a file, with place and remedy; needs no server")
        .argument("[file]", `${FILE} (default: the config file)`)
        .option("--strict", "defaults do not count as answers (default: HOLDPOINT_STRICT)")
        .option("--json", "write JSON to stdout")
        .action(
          context.run(async (file: string | undefined, options: { strict?: boolean; json?: boolean }) =>
            (await edit()).checkPolicyFile(context, file, options),
          ),
        ),
    )
    .addCommand(
      online(new Command("explain").argument("<action>", "the action's or tool's name"))
        .description("what would become of an action, and why; creates nothing")
        .option("--arguments <json>", "its arguments, a JSON object", "{}")
        .addOption(new Option("--value <number>", "what thresholds compare with").argParser(parseNumber))
        .addOption(
          new Option("--reversibility <class>", "of an action that is no tool").choices(REVERSIBILITIES),
        )
        .addOption(new Option("--impact <impact>", "of an action that is no tool").choices(IMPACTS))
        .addOption(new Option("--confidence <number>", "of the agent, 0 to 1").argParser(parseNumber))
        .option("--agent <id>", "the agent that would propose it")
        .option("--end-user <id>", "the person it would be for")
        .option("--known", "it is not the first time with its counterparty")
        .option("--at <instant>", "as if it were then, such as 2026-11-21T03:00:00Z")
        .option("--policy <file>", `by a draft: ${FILE}`)
        .action(
          context.run(async (name: string, options: ExplainOptions) =>
            (await import("./explain.ts")).explainAction(context, name, options),
          ),
        ),
    )
    .addCommand(
      online(new Command("put").argument("<file>", FILE))
        .description("make a file the policy in force")
        .option("--comment <text>", "why, for the log")
        .addOption(
          new Option("--expected-version <n>", "the version that the change was made from").argParser(
            parseNumber,
          ),
        )
        .option("--shadow", "run it beside: it records what it would do, and holds nothing")
        .action(
          context.run(async (file: string, options: PutOptions) =>
            (await edit()).putPolicyFile(context, file, options),
          ),
        ),
    )
    .addCommand(
      online(new Command("versions"))
        .description("every version there was, newest first")
        .action(context.run(async (options: OnlineOptions) => (await edit()).listVersions(context, options))),
    )
    .addCommand(
      online(new Command("backtest").argument("<file>", FILE))
        .description("what a draft would do with the recorded actions of the last days")
        .addOption(new Option("--days <n>", "how many").argParser(parseCount).default(30))
        .action(
          context.run(async (file: string, options: OnlineOptions & { days: number }) =>
            (await tryOut()).backtestPolicy(context, file, options),
          ),
        ),
    )
    .addCommand(
      online(new Command("shadow"))
        .description("what the version that runs beside would have held or let through")
        .action(context.run(async (options: OnlineOptions) => (await tryOut()).showShadow(context, options))),
    )
    .addCommand(samplesCommand(context))
    .addCommand(calibrationCommand(context));
}
