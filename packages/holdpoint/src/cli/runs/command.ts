import { RUN_STATUSES } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context } from "../context.ts";
import { UsageError } from "../exit-code.ts";
import { parseCount } from "../numbers.ts";
import { orderAll, type OrderOptions } from "../orders/command.ts";
import { controlRun } from "./control.ts";
import { deleteRun } from "./delete.ts";
import { listRuns, showRun } from "./list.ts";
import { startRun, watchRun } from "./run.ts";
import { amendCall, forkRun, giveResult, tellRun, withdrawCall } from "./steer.ts";

export function runCommand(context: Context): Command {
  return online(
    new Command("run").argument("<agent>", "the agent's id").argument("<text>", "what it shall do"),
  )
    .description(
      "give an agent a task, follow it, and be told when it holds; its final answer goes to stdout",
    )
    .option("--interactive", "decide its holds here, in the terminal")
    .option("--no-wait", "print the run's id and leave it to itself")
    .option("--session <id>", "go on in this conversation")
    .option("--end-user <id>", "for whom the agent works")
    .action(context.run((agent: string, text: string, options) => startRun(context, agent, text, options)));
}

export function runsCommand(context: Context): Command {
  const runs = new Command("runs")
    .description("runs of agents: what they did, and where they stand")
    .addCommand(
      online(new Command("list"))
        .description("runs, newest first")
        .addOption(new Option("--status <status>", "only those").choices(RUN_STATUSES))
        .option("--agent <id>", "of this agent")
        .option("--session <id>", "of this conversation")
        .addOption(new Option("--limit <count>", "at most so many").argParser(parseCount).default(50))
        .action(context.run((options) => listRuns(context, options))),
    )
    .addCommand(
      online(new Command("show").argument("<id>"))
        .description("one run with its tool calls, holds, times, tokens and cost")
        .action(context.run((id: string, options) => showRun(context, id, options))),
    )
    .addCommand(
      online(new Command("watch").argument("<id>"))
        .description("follow a run until it ends, as `run` does")
        .option("--interactive", "decide its holds here, in the terminal")
        .action(context.run((id: string, options) => watchRun(context, id, options))),
    );
  for (const { action, description } of CONTROLS) {
    const isForAll = action === "pause" || action === "resume";
    const command = online(new Command(action).argument(isForAll ? "[id]" : "<id>")).description(description);
    if (isForAll) command.option("--all", `${action} all runs of the organisation, also those to come`);
    const reason = "kept in the log with who did it; of a cancel and a kill the run tells it too";
    if (action === "kill") command.requiredOption("--reason <text>", reason);
    else command.option("--reason <text>", reason);
    runs.addCommand(
      command.action(
        context.run((id: string | undefined, options: OrderOptions & { all?: boolean }) => {
          if ((id === undefined) !== (options.all === true))
            throw new UsageError(`Name the run to ${action}, or give --all.`);
          return isForAll && id === undefined
            ? orderAll(context, action, options)
            : controlRun(context, action, id ?? "", options);
        }),
      ),
    );
  }
  runs.addCommand(
    online(new Command("delete").argument("<id>"))
      .description(
        "delete a run that is over with everything of it; the audit log keeps its entries (admins)",
      )
      .option("--yes", "do not ask for confirmation")
      .action(context.run((id: string, options) => deleteRun(context, id, options))),
  );
  for (const command of steeringCommands(context)) runs.addCommand(command);
  return runs;
}

function steeringCommands(context: Context): Command[] {
  const ofCall = (name: string): Command =>
    online(
      new Command(name).argument("<run>").argument("<call>", "its id, as `runs show` has it"),
    ).requiredOption("--reason <text>", "why: kept in the log with who did it");
  return [
    online(new Command("tell").argument("<id>").argument("<text>"))
      .description("tell the agent something before its next step")
      .action(context.run((id: string, text: string, options) => tellRun(context, id, text, options))),
    ofCall("give-result")
      .description("take a tool call over: what you give is its result, and it is not executed")
      .option("--result <json>", "its result, as JSON")
      .option("--error <text>", "it failed: what the agent is told")
      .action(context.run((id: string, call: string, options) => giveResult(context, id, call, options))),
    ofCall("withdraw")
      .description("withdraw a tool call that was not executed; the agent is told why")
      .action(context.run((id: string, call: string, options) => withdrawCall(context, id, call, options))),
    ofCall("amend")
      .description("change the arguments of a call that waits for a decision; it is asked about anew")
      .requiredOption("--arguments <json>", "all of them, as a JSON object")
      .action(context.run((id: string, call: string, options) => amendCall(context, id, call, options))),
    online(new Command("fork").argument("<id>"))
      .description("run again from a step of a run that has ended; what was executed is not repeated")
      .addOption(
        new Option("--from-step <number>", "ask the model anew what it was asked in this step")
          .argParser(parseCount)
          .makeOptionMandatory(),
      )
      .option("--message <text>", "what the agent is told after all that it was told then")
      .option("--reason <text>", "kept in the log with who did it")
      .action(context.run((id: string, options) => forkRun(context, id, options))),
  ];
}

const CONTROLS = [
  {
    action: "pause",
    description: "stop a run at its next interrupt point: before a step, or between two calls",
  },
  { action: "resume", description: "let a paused run go on" },
  { action: "cancel", description: "end a run: its holds are closed, and what is in flight is told to stop" },
  {
    action: "kill",
    description: "the last resort: end a run without waiting for anything; says what is unknown",
  },
] as const;
