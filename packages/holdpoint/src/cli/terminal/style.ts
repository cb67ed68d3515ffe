/** How things look on a terminal; plain text where there are no colours. Meaning never hangs on a colour alone. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  /** What waits for a person. */
  accent(text: string): string;
  /** What cannot be undone, and what failed. */
  danger(text: string): string;
  good(text: string): string;
}

const plain = (text: string) => text;

export const plainStyle: Style = { bold: plain, dim: plain, accent: plain, danger: plain, good: plain };

const colours: Style = {
  bold: sequence(1, 22),
  dim: sequence(2, 22),
  accent: sequence(33, 39),
  danger: sequence(31, 39),
  good: sequence(32, 39),
};

/** Colours only on a terminal that has them, and never against NO_COLOR (https://no-color.org). */
export function chooseStyle(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Style {
  if ((env["NO_COLOR"] ?? "") !== "") return plainStyle;
  return isTerminal && env["TERM"] !== "dumb" ? colours : plainStyle;
}

function sequence(on: number, off: number): (text: string) => string {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`;
}
