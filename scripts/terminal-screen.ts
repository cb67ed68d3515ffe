// What a terminal shows after a program has written: the part of ANSI that the command line and readline use.
// A sequence that is not known here throws, so that a picture never shows something else than a terminal would.

/** How a piece of text is written. */
export interface TextStyle {
  readonly bold: boolean;
  readonly dim: boolean;
  /** 0 to 7 as in SGR 30 to 37; undefined for the default. */
  readonly color: number | undefined;
}

/** Neighbouring characters of one style. */
export interface TextRun extends TextStyle {
  readonly column: number;
  readonly text: string;
}

interface Cell {
  character: string;
  style: TextStyle;
}

const PLAIN: TextStyle = { bold: false, dim: false, color: undefined };
// oxlint-disable-next-line no-control-regex -- control characters are what is read here
const TOKEN = /\x1b\[([0-9;]*)([A-Za-z])|[\r\n]|[^\x00-\x1f\x7f]/gu;

/** The rows of the screen, without what is empty at their ends. Lines longer than `columns` go on in the next row. */
export function readScreen(output: string, columns: number): TextRun[][] {
  const screen = new Screen(columns);
  let end = 0;
  for (const token of output.matchAll(TOKEN)) {
    if (token.index !== end) break;
    end = token.index + token[0].length;
    const [text, parameters, command] = token;
    if (command !== undefined) screen.control(command, (parameters ?? "").split(";").map(Number));
    else screen.write(text);
  }
  if (end < output.length)
    throw new Error(`The terminal cannot read ${JSON.stringify(output.slice(end, end + 10))}`);
  return screen.rows();
}

class Screen {
  readonly #columns: number;
  readonly #rows: Cell[][] = [[]];
  #row = 0;
  #column = 0;
  #style: TextStyle = PLAIN;

  constructor(columns: number) {
    this.#columns = columns;
  }

  write(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") this.#down();
    else this.#put(character);
  }

  control(command: string, [first = 0, ...others]: number[]): void {
    if (command === "m") {
      for (const code of [first, ...others]) this.#style = restyle(this.#style, code);
    } else if (command === "G") this.#column = Math.max(1, first) - 1;
    else if (command === "J" && first === 0) {
      this.#rows.length = this.#row + 1;
      this.#line().length = Math.min(this.#column, this.#line().length);
    } else throw new Error(`The terminal does not know the control sequence ${first}${command}`);
  }

  rows(): TextRun[][] {
    const rows = this.#rows.map(toRuns);
    while (rows.at(-1)?.length === 0) rows.pop();
    return rows;
  }

  #put(character: string): void {
    if (this.#column === this.#columns) {
      this.#column = 0;
      this.#down();
    }
    const line = this.#line();
    while (line.length < this.#column) line.push({ character: " ", style: PLAIN });
    line[this.#column] = { character, style: this.#style };
    this.#column += 1;
  }

  #down(): void {
    this.#row += 1;
    if (this.#rows.length === this.#row) this.#rows.push([]);
  }

  #line(): Cell[] {
    const line = this.#rows[this.#row];
    if (line === undefined) throw new Error(`There is no row ${this.#row}`);
    return line;
  }
}

function restyle(style: TextStyle, code: number): TextStyle {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code >= 30 && code <= 37) return { ...style, color: code - 30 };
  if (code === 39) return { ...style, color: undefined };
  throw new Error(`The terminal does not know the style ${code}`);
}

function toRuns(cells: readonly Cell[]): TextRun[] {
  const runs: TextRun[] = [];
  for (const [column, { character, style }] of cells.entries()) {
    const last = runs.at(-1);
    const isSame = last?.bold === style.bold && last.dim === style.dim && last.color === style.color;
    if (isSame) runs[runs.length - 1] = { ...last, text: last.text + character };
    else runs.push({ ...style, column, text: character });
  }
  const last = runs.at(-1);
  return last !== undefined && last.text.trim() === "" ? runs.slice(0, -1) : runs;
}
