// Writes docs/reference/command-line.md from the tree of commands: `node scripts/reference-command-line.ts`.
import { writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import type { Argument, Command, Option } from "commander";
import { Context } from "../packages/holdpoint/src/cli/context.ts";
import { createProgram } from "../packages/holdpoint/src/cli/program.ts";
import { code, referencePath, renderPage, renderTable } from "./reference-markdown.ts";

/** Every command that talks to a server has these; said once. */
const COMMON = new Set(["--url <address>", "--api-key <key>", "--json"]);

const EXIT_CODES = [
  ["exit code", "means"],
  ["0", "ok; of `holds wait`: approved, modified or answered"],
  ["1", "anything else, a run that failed or did not finish its task, a wait that was given up"],
  ["2", "usage: an unknown command or option, a value that does not fit"],
  ["3", "not found"],
  [
    "4",
    "conflict: decided by somebody else, another action than the one that was pinned, withdrawn, cancelled",
  ],
  ["5", "rejected or skipped"],
  ["6", "expired"],
  ["130", "interrupted by Ctrl-C; what was started goes on"],
];

/** The whole page, as it is in the repository. */
export function renderCommandLinePage(): string {
  const nowhere = new PassThrough();
  const program = createProgram(
    new Context({
      env: {},
      cwd: "/",
      stdin: nowhere,
      stdout: nowhere,
      stderr: nowhere,
      now: () => 0,
      onInterrupt: () => () => undefined,
    }),
  );
  const commands = leaves(program);
  const shared = commands[0] === undefined ? [] : sharedOptions(commands);
  return renderPage(
    "Command line",
    "the commands of `packages/holdpoint/src/cli`",
    "reference-command-line.ts",
    [
      "`npx holdpoint` alone is `npx holdpoint start`. Data goes to stdout, talk to stderr; there are colours on a terminal only, and none with `NO_COLOR`. Questions are asked on a terminal only, and nothing is ever approved by pressing Enter. What agents wrote is printed with its control, bidirectional and invisible characters made visible.",
      renderTable([
        ["command", "does"],
        ...commands.map((command) => [
          `[${code(nameOf(command))}](#${anchorOf(command)})`,
          command.description(),
        ]),
      ]),
      "Commands that talk to a server also take:",
      renderTable([["option", "what it is"], ...shared.map(optionRow)]),
      "## Exit codes",
      renderTable(EXIT_CODES),
      "So `npx holdpoint holds wait hold_… && ./deploy` deploys after a yes, and only then.",
      ...commands.flatMap(renderCommand),
    ],
  );
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function nameOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return names.join(" ");
}

function anchorOf(command: Command): string {
  return nameOf(command).replaceAll(" ", "-");
}

function sharedOptions(commands: readonly Command[]): readonly Option[] {
  const all = commands.map((command) => command.options.filter(({ flags }) => COMMON.has(flags)));
  return all.toSorted((left, right) => right.length - left.length)[0] ?? [];
}

function renderCommand(command: Command): string[] {
  const own = command.options.filter(({ flags }) => !COMMON.has(flags) || isOffline(command));
  const values = command.registeredArguments.map(argumentText);
  return [
    `## ${nameOf(command)}`,
    `${capital(command.description())}.`,
    code([nameOf(command), ...values, ...(command.options.length > 0 ? ["[options]"] : [])].join(" ")),
    ...(own.length === 0 ? [] : [renderTable([["option", "what it is"], ...own.map(optionRow)])]),
  ];
}

/** Takes --json, but no server. */
function isOffline(command: Command): boolean {
  return !command.options.some(({ flags }) => flags.startsWith("--url"));
}

function argumentText(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function optionRow(option: Option): string[] {
  const choices = option.argChoices === undefined ? "" : `: ${option.argChoices.map(code).join(", ")}`;
  const isTold = ["string", "number"].includes(typeof option.defaultValue);
  const fallback = isTold ? `; default ${code(String(option.defaultValue))}` : "";
  const need = option.mandatory ? "; required" : "";
  return [code(option.flags), `${capital(option.description)}${choices}${fallback}${need}.`];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

if (import.meta.main) writeFileSync(referencePath("command-line"), renderCommandLinePage());
