import { printableJson } from "./printable.ts";
import { chooseStyle, type Style } from "./style.ts";
import type { World } from "../world.ts";

/** What the commands write with: stdout is data, stderr is talk. */
export class Console {
  /** For what goes to stdout. */
  readonly dataStyle: Style;
  /** For what goes to stderr. */
  readonly style: Style;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.dataStyle = chooseStyle(world.stdout.isTTY === true, world.env);
    this.style = chooseStyle(world.stderr.isTTY === true, world.env);
  }

  /** A line of data. */
  data(text: string): void {
    this.#world.stdout.write(`${text}\n`);
  }

  /** One JSON document on a line of its own: JSON lines when called again. */
  json(value: unknown): void {
    this.data(printableJson(value));
  }

  /** A line of talk. */
  say(text = ""): void {
    this.#world.stderr.write(`${text}\n`);
  }

  /** A piece of talk without a line end, for text that streams. */
  stream(text: string): void {
    if (text !== "") this.#world.stderr.write(text);
  }
}
