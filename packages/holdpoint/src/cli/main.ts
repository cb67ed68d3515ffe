import { CommanderError } from "commander";
import { HoldpointError } from "@holdpoint/protocol";
import { Context } from "./context.ts";
import { CommandError, EXIT, exitCodeOf } from "./exit-code.ts";
import { createProgram } from "./program.ts";
import { printable, printableJson } from "./terminal/printable.ts";
import { Interrupted } from "./terminal/questioner.ts";
import { processWorld, type World } from "./world.ts";

/**
 * Runs the command line with the words after the program's name. Resolves with the exit code; never rejects, and
 * never ends the process itself.
 */
export async function main(argv: string[], world: World = processWorld()): Promise<number> {
  const context = new Context(world);
  // `holdpoint holds list | head` ends the reader early: no reason to complain, also after we have returned.
  const ignoreClosedPipe = (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  };
  world.stdout.on("error", ignoreClosedPipe);
  world.stderr.on("error", ignoreClosedPipe);
  try {
    await createProgram(context).parseAsync(withDefaultCommand(argv), { from: "user" });
    return context.exitCode;
  } catch (error) {
    return report(error, context, argv.includes("--json"));
  }
}

/** `holdpoint` alone, or with options only, is `holdpoint start`. */
function withDefaultCommand(argv: string[]): string[] {
  const first = argv[0];
  const isOwnOption = first !== undefined && ["-h", "--help", "-V", "--version"].includes(first);
  return first === undefined || (first.startsWith("-") && !isOwnOption) ? ["start", ...argv] : argv;
}

function report(error: unknown, context: Context, isJson: boolean): number {
  const { console } = context;
  if (error instanceof CommanderError) {
    // Commander has written its own message; help and version are no errors.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof Interrupted) {
    console.say();
    return EXIT.interrupted;
  }
  if (!HoldpointError.isInstance(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.say(`holdpoint: a defect of Holdpoint itself:\n${printable(text, { isProse: true })}`);
    return EXIT.other;
  }
  const exitCode = exitCodeOf(error);
  if (isJson && !(error instanceof CommandError)) {
    console.say(
      printableJson({ code: error.code, status: error.status, detail: error.message, ...error.details }),
    );
    return exitCode;
  }
  console.say(console.style.danger("holdpoint: ") + printable(error.message, { isProse: true }));
  for (const line of errorLines(error)) console.say(`  ${line}`);
  return exitCode;
}

function errorLines(error: HoldpointError): string[] {
  const { errors, requestId } = error.details as {
    errors?: { path: string; message: string }[];
    requestId?: string;
  };
  return [
    ...(errors ?? []).map(({ path, message }) => printable(path === "" ? message : `${path}: ${message}`)),
    ...(error.status >= 500 && requestId !== undefined && requestId !== ""
      ? [`Request ${printable(requestId)}`]
      : []),
  ];
}
