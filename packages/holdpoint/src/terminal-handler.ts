import type { Clarification, ClarificationHandler, ClarificationKind, Resolver } from "@holdpoint/client";
import { renderCard } from "./cli/holds/card.ts";
import { present } from "./cli/questions/present.ts";
import { Console } from "./cli/terminal/console.ts";
import { printable } from "./cli/terminal/printable.ts";
import { Interrupted, Questioner } from "./cli/terminal/questioner.ts";
import { canAsk, processWorld, type World } from "./cli/world.ts";

/**
 * A clarification handler that asks at the terminal of this process, one question after the other. Nothing is answered by
 * Enter alone; `/decline` is a no, `/leave` goes on waiting for others to answer, and Ctrl-C fails the question: it stays
 * open, and the waiting ends unless `onError` is set.
 *
 * ```ts
 * const run = await holdpoint.runs.startAndWait("travel", { input }, { clarifications: { handler: terminalHandler() } });
 * ```
 *
 * Its methods throw where nobody can be asked, because stdin or stderr is no terminal; the question then stays open.
 */
export function terminalHandler(world: World = processWorld()): Required<ClarificationHandler> {
  const desk = new TerminalDesk(world);
  // What a question of a kind is answered with, the terminal makes out of that question.
  const ask = <Kind extends ClarificationKind>(
    clarification: Clarification<Kind>,
    resolver: Resolver<Kind>,
  ) => desk.ask(clarification, resolver as unknown as Resolver);
  return {
    action: ask,
    input: ask,
    choice: ask,
    value: ask,
    verification: ask,
    custom: ask,
    authorization: ask,
  };
}

/** One keyboard: a question waits until the one before it is done. */
class TerminalDesk {
  readonly #world: World;
  readonly #console: Console;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(world: World) {
    this.#world = world;
    this.#console = new Console(world);
  }

  ask(clarification: Clarification, resolver: Resolver): Promise<void> {
    const asked = this.#queue.then(() => this.#ask(clarification, resolver));
    this.#queue = asked.catch(() => undefined);
    return asked;
  }

  async #ask(clarification: Clarification, resolver: Resolver): Promise<void> {
    const { signal, refused } = resolver;
    if (signal.aborted) return;
    if (!canAsk(this.#world)) throw new Error("There is no terminal to ask on.");
    const console = this.#console;
    if (refused === undefined) {
      const now = this.#world.now();
      console.say(
        `\n${renderCard(clarification.hold, { style: console.style, now, withoutCommands: true })}\n`,
      );
    } else {
      console.say(
        `${console.style.danger("Not answered:")} ${printable(refused.message, { isProse: true })}`,
      );
    }
    // Open only while a question stands: between two of them the keyboard is the program's own.
    using questioner = new Questioner(this.#world);
    try {
      const said = await present(clarification.question, {
        questioner,
        say: (line) => console.say(line),
        signal,
        authorize: resolver.authorize,
      });
      if (said.type === "leave") console.say("It goes on waiting, for others.");
      else if (said.type === "decline") await resolver.decline(said.comment);
      else await resolver.onResolution(said.answer);
    } catch (error) {
      if (signal.aborted)
        console.say("\nThat question is over: answered elsewhere, or nobody waits for it any more.");
      else if (error instanceof Interrupted) resolver.onError(error);
      else throw error;
    }
  }
}
