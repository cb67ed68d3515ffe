// Writes docs/reference/state-machines.md from the legality tables: `node scripts/state-diagrams.ts`.
// test/state-machines-page.test.ts fails when the page is not what these tables say.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  allowedVerdicts,
  FULFILMENT_LEGALITY,
  FULFILMENTS,
  HOLD_KINDS,
  HOLD_LEGALITY,
  HOLD_STATUSES,
  isTerminalFulfilment,
  isTerminalHold,
  isTerminalRun,
  isTerminalToolCall,
  RUN_LEGALITY,
  RUN_STATUSES,
  TOOL_CALL_LEGALITY,
  TOOL_CALL_STATUSES,
  type Edge,
} from "../packages/protocol/src/legality.ts";

export const statePagePath = fileURLToPath(new URL("../docs/reference/state-machines.md", import.meta.url));

interface Machine<Status extends string> {
  statuses: readonly Status[];
  legality: Record<string, Edge<Status>>;
  isTerminal: (status: Status) => boolean;
}

/** The whole page, as it is in the repository. */
export function renderStatePage(): string {
  return `${[
    "# State machines",
    "Generated from `packages/protocol/src/legality.ts` by `node scripts/state-diagrams.ts`; a test compares. In the tables a cell is the state that a command leads to; where it is empty, the command is refused.",
    "## Hold",
    "A hold has one outcome, for ever. `expire` and `timeoutApprove` are its deadline taking effect; the latter only where `onTimeout` is `approve` and the action is reversible.",
    ...renderMachine({ statuses: HOLD_STATUSES, legality: HOLD_LEGALITY, isTerminal: isTerminalHold }),
    "Which verdicts a person may give depends on the kind:",
    renderVerdicts(),
    "## Fulfilment",
    "How far the execution of a released action has come. `release` happens by the decision itself.",
    ...renderMachine({
      statuses: FULFILMENTS,
      legality: FULFILMENT_LEGALITY,
      isTerminal: isTerminalFulfilment,
    }),
    "## Run",
    "`resumeHolding` is `resume` for a run whose holds are still open. Cancelling a run, or its failure, cancels its pending holds and the calls that did not start.",
    ...renderMachine({ statuses: RUN_STATUSES, legality: RUN_LEGALITY, isTerminal: isTerminalRun }),
    "## Tool call",
    "A proposed call starts by itself only where the policy lets it; an approved one only with the bytes that were approved. `retry` needs a person's word, or an idempotent tool.",
    ...renderMachine({
      statuses: TOOL_CALL_STATUSES,
      legality: TOOL_CALL_LEGALITY,
      isTerminal: isTerminalToolCall,
    }),
  ].join("\n\n")}\n`;
}

function renderMachine<Status extends string>(machine: Machine<Status>): string[] {
  return [renderDiagram(machine), renderMatrix(machine)];
}

function renderDiagram<Status extends string>({ statuses, legality, isTerminal }: Machine<Status>): string {
  const edges = new Map<string, string[]>();
  for (const [command, edge] of Object.entries(legality)) {
    for (const from of edge.from) {
      const arrow = `${from} --> ${edge.to}`;
      edges.set(arrow, [...(edges.get(arrow) ?? []), command]);
    }
  }
  return [
    "```mermaid",
    "stateDiagram-v2",
    `  [*] --> ${statuses[0]}`,
    ...Array.from(edges, ([arrow, commands]) => `  ${arrow}: ${commands.join(", ")}`),
    ...statuses.filter(isTerminal).map((status) => `  ${status} --> [*]`),
    "```",
  ].join("\n");
}

function renderMatrix<Status extends string>({ statuses, legality, isTerminal }: Machine<Status>): string {
  const commands = Object.entries(legality);
  const rows = statuses
    .filter((status) => !isTerminal(status))
    .map((status) => [
      code(status),
      ...commands.map(([, edge]) => (edge.from.includes(status) ? code(edge.to) : "")),
    ]);
  const ends = statuses.filter(isTerminal).map(code).join(", ");
  return `${renderTable([["state", ...commands.map(([command]) => code(command))], ...rows])}\n\nEnds, from which nothing leads: ${ends}.`;
}

function renderVerdicts(): string {
  const row = (kind: string, verdicts: readonly string[]) => [kind, verdicts.map(code).join(", ")];
  return renderTable([
    ["kind", "verdicts"],
    ...HOLD_KINDS.map((kind) => row(code(kind), allowedVerdicts(kind, "pending"))),
    row(
      "`escalation` about a lost execution",
      allowedVerdicts("escalation", "pending", { unknownExecution: true }),
    ),
  ]);
}

/** Columns are padded, as the formatter would. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) writeFileSync(statePagePath, renderStatePage());
