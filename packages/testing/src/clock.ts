import type { Holdpoint } from "@holdpoint/client";
import type { MemoryStore } from "@holdpoint/server/testing";
import type { Crew } from "./crew.ts";
import { toMs, type Duration } from "./duration.ts";

/** The clock that decides: that of the database. It goes on by itself, and can be put forward. */
export interface Clock {
  now(): Promise<Date>;
  /**
   * Lets that much time pass. What falls due on the way happens at its time and in its order: scripted people decide,
   * deadlines pass, reminders leave, runs go on. Afterwards everything is at rest.
   */
  advance(duration: Duration): Promise<void>;
}

export interface ClockOptions {
  store: MemoryStore;
  crew: Crew;
  client: Holdpoint;
  /** Ends what is due at the service. */
  sweep: () => Promise<void>;
  /** Waits until nothing is left to do now. */
  settle: () => Promise<void>;
}

export function createClock({ store, crew, client, sweep, settle }: ClockOptions): Clock {
  async function nextStop(): Promise<number | undefined> {
    const times: number[] = crew.nextDueAt === undefined ? [] : [crew.nextDueAt];
    const [first] = (await client.holds.page({ status: "pending", sort: "expiresAt", limit: 1 })).data;
    // A moment later than the deadline: at it, a decision still counts.
    if (first?.expiresAt != null) times.push(Date.parse(first.expiresAt) + 1);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async function moveTo(instant: number): Promise<void> {
    const ms = instant - (await store.now()).getTime();
    if (ms > 0) await store.advance(ms);
    await sweep();
    await settle();
  }

  return {
    now: () => store.now(),
    async advance(duration) {
      const target = (await store.now()).getTime() + toMs(duration);
      await settle();
      for (let last: number | undefined; ;) {
        const stop = await nextStop();
        // The same stop again: what is due there does not happen by time alone.
        if (stop === undefined || stop > target || stop === last) break;
        last = stop;
        await moveTo(stop);
      }
      await moveTo(target);
    },
  };
}
