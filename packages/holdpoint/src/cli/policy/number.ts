import { InvalidArgumentError } from "commander";

/** A number as JSON writes it, for commander. */
export function parseNumber(text: string): number {
  const number = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(number)) throw new InvalidArgumentError("It must be a number such as 250 or 0.4.");
  return number;
}
