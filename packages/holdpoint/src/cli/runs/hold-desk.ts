import type { Holdpoint, StreamEvent } from "@holdpoint/client";
import type { Hold, HoldpointEvent } from "@holdpoint/protocol";
import type { Context } from "../context.ts";
import { renderCard } from "../holds/card.ts";
import { decideInteractively } from "../holds/interactive.ts";
import { renderOutcome } from "../holds/outcome.ts";
import type { Questioner } from "../terminal/questioner.ts";
import type { Narrator } from "./narrator.ts";

export interface HoldDeskOptions {
  context: Context;
  client: Holdpoint;
  /** Asks for the decisions here; without it the person decides elsewhere. */
  questioner: Questioner | undefined;
  isJson: boolean;
  narrator: Narrator;
}

const ENDINGS: ReadonlySet<string> = new Set(["hold.decided", "hold.expired", "hold.cancelled"]);

/**
 * Takes a run's events in order: shows its holds one after the other and, when it may ask, asks for each.
 *
 * While a question stands the events behind it wait, except that the end of the very hold that is asked about takes
 * the question away: somebody else was faster, or the deadline passed.
 */
export class HoldDesk {
  readonly #options: HoldDeskOptions;
  #queue: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  readonly #ended = new Map<string, AbortController>();

  constructor(options: HoldDeskOptions) {
    this.#options = options;
  }

  take(event: StreamEvent): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (ENDINGS.has(event.type) && "holdId" in event && event.holdId !== null) {
      this.#endOf(event.holdId).abort(new HoldEnded());
    }
    this.#queue = this.#queue
      .then(() => this.#settle(event))
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      });
  }

  /** When everything taken has been told and asked. */
  async finished(): Promise<void> {
    await this.#queue;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #settle(event: StreamEvent): Promise<void> {
    if (this.#failure !== undefined) return;
    const { narrator, isJson, client } = this.#options;
    narrator.tell(event);
    if (event.type === "hold.created" && event.holdId !== null) {
      await this.#present(await client.holds.get(event.holdId));
    } else if (ENDINGS.has(event.type) && !isJson) {
      await this.#tellEnd(event as HoldpointEvent);
    }
  }

  async #present(hold: Hold): Promise<void> {
    if (hold.status !== "pending") return;
    const { context, narrator, questioner, isJson } = this.#options;
    const { console, world } = context;
    if (!isJson || questioner !== undefined) {
      const card = renderCard(hold, {
        style: console.style,
        now: world.now(),
        withoutCommands: questioner !== undefined,
      });
      narrator.line(`\n${card}\n`);
    }
    if (questioner === undefined) return;
    const ended = this.#endOf(hold.id).signal;
    try {
      await decideInteractively({ context, client: this.#options.client, questioner, hold, ended });
    } catch (error) {
      if (!(error instanceof HoldEnded)) throw error;
      narrator.line("");
    }
  }

  async #tellEnd(event: HoldpointEvent): Promise<void> {
    const { client, context, narrator } = this.#options;
    if (event.holdId === null) return;
    const hold = await client.holds.get(event.holdId);
    narrator.line(
      `${hold.action?.name ?? hold.kind}: ${renderOutcome({ ...hold, fulfilment: "none" }, context.world.now())}`,
    );
  }

  #endOf(holdId: string): AbortController {
    const known = this.#ended.get(holdId) ?? new AbortController();
    this.#ended.set(holdId, known);
    return known;
  }
}

/** The hold that is asked about has its outcome. */
class HoldEnded extends Error {
  override name = "HoldEnded";
}
