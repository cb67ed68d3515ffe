import { readSettings, SettingsError, type Settings } from "../../settings.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { printable } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { fail, ok, type Finding } from "./finding.ts";
import { lookAtDataFolder, lookAtDisk, lookAtNode, lookAtNpm, lookForNodePackage } from "./machine.ts";
import {
  lookAtBind,
  lookAtConfig,
  lookAtDatabase,
  lookAtSecret,
  lookForModel,
  lookForServer,
} from "./service.ts";

/** Looks at everything that keeps a service from working, and says for each what to do. Changes nothing. */
export async function examine(context: Context, options: { json?: boolean }): Promise<number> {
  const { console, world } = context;
  const settings = findSettings(context);
  const findings = [
    lookAtNode(),
    lookForNodePackage(),
    await lookAtNpm(),
    ...(settings instanceof SettingsError
      ? settingsFindings(settings)
      : [
          ok("Settings", "every HOLDPOINT_* name is known and every value fits"),
          ...(await lookAtService(settings)),
        ]),
    lookForModel(world.env),
  ];
  const hasFailed = findings.some(({ state }) => state === "fail");
  if (options.json === true) console.json({ ok: !hasFailed, findings });
  else for (const finding of findings) console.data(render(finding, console.dataStyle));
  return hasFailed ? EXIT.other : EXIT.ok;
}

function findSettings({ world }: Context): Settings | SettingsError {
  try {
    return readSettings(world.env, world.cwd);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
}

function settingsFindings(error: SettingsError): Finding[] {
  const problems = error.details["problems"] as string[];
  return problems.map((problem) => fail("Settings", problem, "Set it right, or take it away."));
}

async function lookAtService(settings: Settings): Promise<Finding[]> {
  return [
    await lookAtDataFolder(settings.dataDir),
    await lookAtDisk(settings.dataDir),
    ...(await lookAtDatabase(settings)),
    lookAtSecret(settings),
    lookAtBind(settings),
    await lookAtConfig(settings),
    await lookForServer(settings),
  ];
}

function render({ name, state, text, remedy }: Finding, style: Style): string {
  const mark = { ok: style.good("ok  "), warn: style.accent("warn"), fail: style.danger("FAIL") }[state];
  const lines = printable(text, { isProse: true }).split("\n");
  const rest = lines.slice(1).map((line) => `\n${" ".repeat(21)}${line}`);
  const advice = remedy === undefined ? "" : `\n${" ".repeat(21)}-> ${printable(remedy)}`;
  return `${mark}  ${name.padEnd(15)}${lines[0] ?? ""}${rest.join("")}${advice}`;
}
