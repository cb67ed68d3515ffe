import { HoldpointApiError, type Holdpoint } from "@holdpoint/client";
import type { Hold } from "@holdpoint/protocol";
import { toMs } from "./duration.ts";
import type { Human, Reply } from "./human.ts";

/** A scripted person, and the client that they decide with. */
export interface CrewMember {
  name: string;
  client: Holdpoint;
  humans: readonly Human[];
}

interface Planned {
  member: CrewMember;
  hold: Hold;
  reply: Reply;
  dueAt: number;
}

/**
 * The scripted people of a test server.
 *
 * Owns: who has seen what, and what they are going to do. Does not own the clock: `act` is told what time it is.
 * They decide through the public API like everybody else. Whoever comes too late, since the hold is decided, cancelled
 * or expired, has lost, and that is no failure; anything else that goes wrong is thrown by `check`.
 */
export class Crew {
  readonly #reader: Holdpoint;
  readonly #now: () => Promise<Date>;
  readonly #members: CrewMember[] = [];
  readonly #seen = new Set<string>();
  readonly #failures: Error[] = [];
  #planned: Planned[] = [];
  #working: Promise<void> = Promise.resolve();

  constructor(reader: Holdpoint, now: () => Promise<Date>) {
    this.#reader = reader;
    this.#now = now;
  }

  add(member: CrewMember): void {
    this.#members.push(member);
  }

  /** When the next planned decision is due, in milliseconds since 1970. */
  get nextDueAt(): number | undefined {
    const times = this.#planned.map(({ dueAt }) => dueAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Shows everybody what is new to them, and does what is due. Never rejects; one after the other. */
  work(): Promise<void> {
    this.#working = this.#working.then(() => this.#work()).catch((error: unknown) => this.#fail(error));
    return this.#working;
  }

  /** Throws what went wrong since the last time. */
  check(): void {
    const [first, ...more] = this.#failures.splice(0);
    if (first === undefined) return;
    throw more.length === 0 ? first : new AggregateError([first, ...more], first.message);
  }

  async #work(): Promise<void> {
    if (this.#members.length === 0) return;
    for await (const hold of this.#reader.holds.list({ status: "pending" })) {
      for (const member of this.#members) await this.#show(hold, member);
    }
    const now = (await this.#now()).getTime();
    const due = this.#planned.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    this.#planned = this.#planned.filter(({ dueAt }) => dueAt > now);
    for (const planned of due) await this.#decide(planned);
  }

  async #show(hold: Hold, member: CrewMember): Promise<void> {
    const sight = `${member.name} ${hold.id}`;
    if (this.#seen.has(sight)) return;
    this.#seen.add(sight);
    for (const human of member.humans) {
      const reply = await this.#ask(human, hold, member);
      if (reply === undefined) continue;
      if (reply === "nothing") return;
      const waitMs = reply.after === undefined ? Number.NEGATIVE_INFINITY : toMs(reply.after);
      this.#planned.push({ member, hold, reply, dueAt: Date.parse(hold.createdAt) + waitMs });
      return;
    }
  }

  async #ask(human: Human, hold: Hold, member: CrewMember): Promise<Awaited<ReturnType<Human>>> {
    try {
      return await human(hold);
    } catch (error) {
      this.#fail(new Error(`The script of ${member.name} threw over ${hold.id}.`, { cause: error }));
      return "nothing";
    }
  }

  async #decide({ member, hold, reply }: Planned): Promise<void> {
    const hash = hold.action?.hash;
    try {
      await member.client.holds.decide(hold.id, {
        ...reply.decision,
        ...(hash !== undefined && { actionHash: hash }),
      });
    } catch (error) {
      const isTooLate = HoldpointApiError.isInstance(error) && [409, 410].includes(error.status);
      if (isTooLate) return;
      const said = error instanceof Error ? error.message : String(error);
      this.#fail(
        new Error(`${member.name} could not ${reply.decision.verdict} ${hold.id}: ${said}`, { cause: error }),
      );
    }
  }

  #fail(error: unknown): void {
    this.#failures.push(error instanceof Error ? error : new Error(String(error)));
  }
}
