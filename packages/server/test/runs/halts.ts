import type { FaultPoints } from "../../src/runs/journal.ts";

/** A place between two commits of a run, and its how-manieth time. */
export interface Point {
  point: string;
  occurrence: number;
}

interface Halt extends Point {
  hits: number;
  stop: () => Promise<void>;
}

/** Lets a worker stand still at one point of one run. */
export class Halts implements FaultPoints {
  readonly #halts = new Map<string, Halt>();
  #next: Halt | undefined;

  /** Without a run: of the next one that begins. */
  stopAt(runId: string | undefined, point: Point): { reached: Promise<void>; letGo: () => void } {
    const reached = Promise.withResolvers<void>();
    const goesOn = Promise.withResolvers<void>();
    const stop = (): Promise<void> => {
      reached.resolve();
      return goesOn.promise;
    };
    const halt = { ...point, hits: 0, stop };
    if (runId === undefined) this.#next = halt;
    else this.#halts.set(runId, halt);
    return { reached: reached.promise, letGo: goesOn.resolve };
  }

  hit(point: string, runId: string): void | Promise<void> {
    if (this.#next !== undefined && !this.#halts.has(runId)) {
      this.#halts.set(runId, this.#next);
      this.#next = undefined;
    }
    const halt = this.#halts.get(runId);
    if (halt?.point !== point) return undefined;
    halt.hits += 1;
    return halt.hits === halt.occurrence ? halt.stop() : undefined;
  }
}
