import type pg from "pg";
import type { HotFunctionName } from "./database.ts";
import { runHotFunctionForEach } from "./statement.ts";

/** A group is one transaction: its rows stay locked until the last of its commands is done. */
const LARGEST_GROUP = 16;

/** What a function answers in a group for a command that has to be a transaction of its own. */
const ALONE = "alone";

interface WaitingCall {
  command: object;
  lock: string;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
}

export interface GroupedCallsParts {
  name: HotFunctionName;
  /** Transactions of this function under way at a time. */
  lanes: number;
  withClient: <T>(work: (client: pg.ClientBase) => Promise<T>) => Promise<T>;
  callIdempotent: (name: HotFunctionName, command: object) => Promise<unknown>;
}

/**
 * The calls of one hot function, those that come while others are under way together in one transaction: one commit, one
 * round trip, and PostgreSQL makes its expressions ready once for all of them.
 *
 * Owns: the calls that wait for a lane. Does not own: connections.
 *
 *  G1. A call that finds a lane free goes at once and by itself: nobody waits for company.
 *  G2. The commands of a group run in the order of what they lock, so that no two groups wait for each other.
 *  G3. What a group did not do, each of its commands does by itself: the failure of one is that of nobody else. This is
 *      safe because the functions give the same answer when they run twice.
 *  G4. Who has to wait for a lock does that without its lane (statement.ts): nobody else waits for it.
 */
export class GroupedCalls {
  readonly #parts: GroupedCallsParts;
  readonly #waiting: WaitingCall[] = [];
  #busyLanes = 0;

  constructor(parts: GroupedCallsParts) {
    this.#parts = parts;
  }

  /** `lock` names what the command locks first. */
  call(command: object, lock: string): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push({ command, lock, resolve, reject });
    if (this.#busyLanes < this.#parts.lanes) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#busyLanes += 1;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, LARGEST_GROUP);
      await this.#runGroup(group.toSorted((a, b) => (a.lock < b.lock ? -1 : a.lock > b.lock ? 1 : 0)));
    }
    this.#busyLanes -= 1;
  }

  async #runAlone({ command, resolve, reject }: WaitingCall): Promise<void> {
    await this.#parts.callIdempotent(this.#parts.name, command).then(resolve, reject);
  }

  async #runGroup(group: readonly WaitingCall[]): Promise<void> {
    const { name, withClient } = this.#parts;
    const commands = group.map(({ command }) =>
      group.length === 1 ? command : { ...command, isGrouped: true },
    );
    let answers: unknown[];
    try {
      answers = await withClient((client) => runHotFunctionForEach(client, name, commands));
    } catch {
      answers = []; // whoever it was is told when it has failed by itself
    }
    for (const [index, call] of group.entries()) {
      const answer = answers[index];
      if (answer === undefined || isAlone(answer)) void this.#runAlone(call);
      else call.resolve(answer);
    }
  }
}

function isAlone(answer: unknown): boolean {
  return typeof answer === "object" && answer !== null && "code" in answer && answer.code === ALONE;
}
