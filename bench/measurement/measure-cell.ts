import type { Plan } from "../plan.ts";
import type { Cell, Cpu, Subject } from "./subject.ts";

/** Measures one subject once; nothing of the warm-up is in the figures. `cycles` counts all that were made. */
export async function measureCell(
  subject: Subject,
  plan: Plan,
  at: { clients: number; round: number },
): Promise<{ cell: Cell; cycles: number }> {
  const order = { clients: at.clients, maxCycles: plan.maxCycles };
  await subject.settle();
  const warmUp = await subject.drive({ ...order, forMs: plan.warmUpMs });
  const walBefore = await subject.walBytes();
  const cpuBefore = subject.cpuSeconds();
  const load = await subject.drive({ ...order, forMs: plan.measureMs });
  const cpuAfter = subject.cpuSeconds();
  const walAfter = await subject.walBytes();
  const cell: Cell = {
    subject: subject.name,
    ...at,
    ...load,
    cyclesPerSecond: load.cycles / load.seconds,
    cpuMs: msPerCycle(cpuBefore, cpuAfter, load.cycles),
    walBytes: perCycle(walBefore, walAfter, load.cycles),
  };
  return { cell, cycles: warmUp.cycles + load.cycles };
}

function msPerCycle(before: Cpu, after: Cpu, cycles: number): Cpu {
  const of = (name: keyof Cpu): number | undefined => perCycle(before[name], after[name], cycles / 1_000);
  return { server: of("server"), database: of("database"), generator: of("generator") };
}

function perCycle(before: number | undefined, after: number | undefined, cycles: number): number | undefined {
  return before === undefined || after === undefined ? undefined : (after - before) / cycles;
}
