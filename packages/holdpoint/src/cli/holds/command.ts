import { HOLD_KINDS, HOLD_STATUSES } from "@holdpoint/protocol";
import { Command, Option } from "commander";
import { online, type Context } from "../context.ts";
import { parseCount, parseSeconds } from "../numbers.ts";
import { answerHold } from "./answer.ts";
import { approveHold, cancelHold, modifyHold, rejectHold, skipHold } from "./decide.ts";
import { deferHold } from "./defer.ts";
import { listHolds, showHold } from "./list.ts";
import { waitForHold } from "./wait.ts";
import { watchHolds } from "./watch.ts";

export function holdsCommand(context: Context): Command {
  return new Command("holds")
    .description("what waits for a person, and the decision on it")
    .addCommand(listCommand(context))
    .addCommand(
      online(new Command("show").argument("<id>"))
        .description("everything about one hold, as its decider sees it")
        .action(context.run((id: string, options) => showHold(context, id, options))),
    )
    .addCommand(approveCommand(context))
    .addCommand(modifyCommand(context))
    .addCommand(rejectCommand(context))
    .addCommand(
      online(new Command("skip").argument("<id>"))
        .description("leave the action out; the agent is told to go on without it")
        .option("--reason <text>", "what the agent is told")
        .action(context.run((id: string, options) => skipHold(context, id, options))),
    )
    .addCommand(answerCommand(context))
    .addCommand(
      online(new Command("defer").argument("<id>"))
        .description("not now: put a hold off for yourself; decides nothing, and its deadline runs on")
        .option("--undo", "take it up again")
        .action(context.run((id: string, options) => deferHold(context, id, options))),
    )
    .addCommand(
      online(new Command("cancel").argument("<id>"))
        .description("withdraw a hold; nothing is executed")
        .option("--reason <text>", "why, for the record")
        .action(context.run((id: string, options) => cancelHold(context, id, options))),
    )
    .addCommand(
      online(new Command("watch"))
        .description("show each hold as it comes, until Ctrl-C")
        .action(context.run((options) => watchHolds(context, options))),
    )
    .addCommand(
      online(new Command("wait").argument("<id>"))
        .description("wait for the outcome: exit code 0 only after a yes, 5 after a no, 6 after the deadline")
        .addOption(
          new Option("--timeout <seconds>", "give up after so long, with exit code 1").argParser(
            parseSeconds,
          ),
        )
        .action(context.run((id: string, options) => waitForHold(context, id, options))),
    );
}

function listCommand(context: Context): Command {
  return online(new Command("list"))
    .description("holds, newest first; the pending ones unless told otherwise")
    .addOption(
      new Option("--status <status>", "which ones").choices([...HOLD_STATUSES, "all"]).default("pending"),
    )
    .addOption(new Option("--kind <kind>", "which kind").choices(HOLD_KINDS))
    .option("--agent <id>", "of this agent")
    .option("--run <id>", "of this run")
    .option("--search <words>", "in title or summary")
    .addOption(new Option("--limit <count>", "at most so many").argParser(parseCount).default(50))
    .action(context.run((options) => listHolds(context, options)));
}

function approveCommand(context: Context): Command {
  return online(new Command("approve").argument("<id>"))
    .description("approve exactly the action that is shown")
    .option("--hash <sha256>", "approve only if the action still has this hash; asks nothing more")
    .option("--yes", "do not ask for confirmation")
    .option("--comment <text>", "for the record")
    .action(context.run((id: string, options) => approveHold(context, id, options)));
}

function modifyCommand(context: Context): Command {
  return online(new Command("modify").argument("<id>"))
    .description("approve the action with other arguments, or a doubted result with --set result=…")
    .option("--set <name=value>", "set an argument, typed by the tool's schema; repeatable", collect, [])
    .option("--set-json <name=json>", "set an argument to a JSON value; repeatable", collect, [])
    .option("--hash <sha256>", "only if the proposed action still has this hash; asks nothing more")
    .option("--yes", "do not ask for confirmation")
    .option("--comment <text>", "for the record")
    .action(context.run((id: string, options) => modifyHold(context, id, options)));
}

function rejectCommand(context: Context): Command {
  return online(new Command("reject").argument("<id>"))
    .description("refuse the action")
    .option("--reason <text>", "what the agent is told; asked for on a terminal")
    .action(context.run((id: string, options) => rejectHold(context, id, options)));
}

function answerCommand(context: Context): Command {
  return online(
    new Command("answer")
      .argument("<id>")
      .argument("[answer]", "yes or no, done, an option, or the text or number that is asked for"),
  )
    .description("answer a question; without an answer, on a terminal, the question is asked")
    .option("--choose <option>", "its label or value; repeatable where several may be chosen", collect, [])
    .option("--set <name=value>", "set a field of the form, typed by its schema; repeatable", collect, [])
    .option("--set-json <name=json>", "set a field of the form to a JSON value; repeatable", collect, [])
    .option("--as-is", "the proposed value is right")
    .option("--value <json>", "the answer, as JSON")
    .addOption(
      new Option("--executed <outcome>", "what became of a lost execution").choices([
        "succeeded",
        "failed",
        "retry",
      ]),
    )
    .option("--result <json>", "with --executed: its result, as JSON")
    .option("--guidance <text>", "send a doubted result back: what the agent should do differently")
    .option("--comment <text>", "for the record")
    .action(
      context.run((id: string, answer: string | undefined, options) =>
        answerHold(context, id, { ...options, words: answer }),
      ),
    );
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
