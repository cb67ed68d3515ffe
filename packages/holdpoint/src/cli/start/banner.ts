import { printable } from "../terminal/printable.ts";
import type { Style } from "../terminal/style.ts";
import { PROGRAM } from "../holds/hints.ts";

export interface Started {
  url: string;
  /** Undefined in production, where output is kept by others. */
  signInUrl: string | undefined;
  apiKey: string | undefined;
  dataDir: string;
  database: string;
  configPath: string | undefined;
  agents: readonly {
    id: string;
    name: string;
    model: string;
    isScripted: boolean;
    problem: string | undefined;
  }[];
  logPath: string | undefined;
}

/** What to ask the agents of our own examples, and that of `init`, and for whom. */
const EXAMPLES: Readonly<Record<string, { task: string; endUserId?: string }>> = {
  data_manager: { task: "Delete 50 old records from the users table" },
  shop_helper: { task: "Refund order 17, 40 euros" },
  calendar_assistant: { task: "What is on my calendar on Monday?", endUserId: "anna" },
};

/** What the person who started the service sees: where it is, how to get in, what to try. */
export function renderBanner(started: Started, style: Style): string {
  const rows: [string, string][] = [
    ["Address", style.bold(started.url)],
    ["Sign in", started.signInUrl ?? `${PROGRAM} login-link`],
    ["API key", started.apiKey ?? `that of HOLDPOINT_API_KEY, or make one with ${PROGRAM} keys create`],
    ["Database", started.database],
    ["Agents", started.configPath ?? "none: there is no holdpoint.config.ts here"],
    ...started.agents.map((agent): [string, string] => ["", describeAgent(agent, style)]),
    ...(started.logPath === undefined ? [] : [["Log", started.logPath] as [string, string]]),
  ];
  const notes =
    started.signInUrl === undefined ? [] : [style.dim("The sign-in link works once, for 15 minutes.")];
  return [
    "Holdpoint is running.",
    "",
    ...rows.map(row(style)),
    "",
    ...notes,
    ...tryLines(started, style),
  ].join("\n");
}

function row(style: Style): (row: [string, string]) => string {
  return ([name, text]) => `  ${style.dim(name.padEnd(10))}${text}`;
}

function describeAgent(agent: Started["agents"][number], style: Style): string {
  const who = `${printable(agent.id)} (${printable(agent.name)})`;
  if (agent.problem !== undefined) return `${who}: ${style.danger("no model.")} ${printable(agent.problem)}`;
  if (!agent.isScripted) return `${who} on ${printable(agent.model)}`;
  return `${who} on a small scripted model: there is no model key in the environment, so no real model is asked`;
}

function tryLines(started: Started, style: Style): string[] {
  const agent = started.agents.find(({ problem }) => problem === undefined);
  if (agent === undefined) return [`Next: ${PROGRAM} doctor`];
  const { task, endUserId } = EXAMPLES[agent.id] ?? { task: "…" };
  const body = JSON.stringify({ input: task, endUserId });
  const forWhom = endUserId === undefined ? "" : ` --end-user ${endUserId}`;
  return [
    "Try it, in a second terminal:",
    `  ${style.bold(`${PROGRAM} run ${agent.id} "${task}"${forWhom}`)}`,
    "or over HTTP:",
    `  curl -s ${started.url}/v1/agents/${agent.id}/runs -H "Authorization: Bearer ${started.apiKey ?? "$HOLDPOINT_API_KEY"}" -H "Content-Type: application/json" -d '${body}'`,
    "",
    style.dim("Ctrl-C stops it. What waits for a decision is kept."),
  ];
}
