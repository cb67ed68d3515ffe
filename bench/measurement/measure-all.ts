import type { Plan } from "../plan.ts";
import { measureCell } from "./measure-cell.ts";
import type { Cell, Subject } from "./subject.ts";

export interface Measured {
  cells: Cell[];
  /** Cycles that each subject made, warm-ups included. */
  cycles: Record<string, number>;
}

/** Every subject at every width in turn, round after round, so that what changes on the machine meets all of them. */
export async function measureAll(
  subjects: readonly Subject[],
  plan: Plan,
  widths: readonly number[],
  log: (line: string) => void,
): Promise<Measured> {
  const measured: Measured = { cells: [], cycles: {} };
  for (let round = 1; round <= plan.rounds; round++) {
    for (const clients of widths) {
      for (const subject of subjects) {
        const { cell, cycles } = await measureCell(subject, plan, { clients, round });
        measured.cells.push(cell);
        measured.cycles[subject.name] = (measured.cycles[subject.name] ?? 0) + cycles;
        log(renderProgress(cell));
      }
    }
  }
  return measured;
}

function renderProgress({ round, subject, clients, cyclesPerSecond, p50Ms, p99Ms }: Cell): string {
  const width = `${clients} ${clients === 1 ? "client" : "clients"}`;
  const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;
  return `round ${round}  ${width.padEnd(10)}  ${subject.padEnd(36)} ${cyclesPerSecond.toFixed(0).padStart(6)} cycles/s  ${times}`;
}
