import { Command, type OutputConfiguration } from "commander";
import { auditCommand } from "./audit/command.ts";
import { connectionsCommand } from "./connections/command.ts";
import type { Context } from "./context.ts";
import { demoCommand } from "./demo/command.ts";
import { doctorCommand } from "./doctor/command.ts";
import { endUsersCommand } from "./end-users/command.ts";
import { grantsCommand } from "./grants/command.ts";
import { initCommand } from "./init/command.ts";
import { holdsCommand } from "./holds/command.ts";
import { keysCommand } from "./keys/command.ts";
import { loginLinkCommand, membersCommand } from "./members/command.ts";
import { migrateCommand } from "./migrate/command.ts";
import { agentsCommand, toolsCommand } from "./orders/command.ts";
import { policyCommand } from "./policy/command.ts";
import { runCommand, runsCommand } from "./runs/command.ts";
import { sessionsCommand } from "./sessions/command.ts";
import { startCommand } from "./start/command.ts";
import { VERSION } from "../version.ts";

/** The whole command line. docs/reference/command-line.md is made from this tree. */
export function createProgram(context: Context): Command {
  const { stdout, stderr } = context.world;
  const program = new Command("holdpoint")
    .description("Hold points for AI agents: the service, and what people need to work with it.")
    .version(VERSION)
    .addHelpText("after", EXIT_CODES);
  for (const command of [
    startCommand(context),
    initCommand(context),
    runCommand(context),
    holdsCommand(context),
    runsCommand(context),
    agentsCommand(context),
    toolsCommand(context),
    sessionsCommand(context),
    policyCommand(context),
    grantsCommand(context),
    connectionsCommand(context),
    endUsersCommand(context),
    auditCommand(context),
    keysCommand(context),
    membersCommand(context),
    loginLinkCommand(context),
    demoCommand(context),
    migrateCommand(context),
    doctorCommand(context),
  ]) {
    program.addCommand(command);
  }
  configure(program, {
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: (text, write) => write(text.replace(/^error: /, "holdpoint: ")),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  return program;
}

/** Commander passes its settings to commands that it makes itself, not to those that are added. */
function configure(command: Command, output: OutputConfiguration): void {
  command.exitOverride().configureOutput(output).showHelpAfterError("(--help tells more)");
  for (const child of command.commands) configure(child, output);
}

const EXIT_CODES = `
Without a command: start. Data goes to stdout, talk to stderr.

Exit codes: 0 ok, 1 other, 2 usage, 3 not found, 4 conflict, 5 rejected or skipped, 6 expired, 130 interrupted.`;
