/**
 * How far several answers to the same task agree with the one that would be given: the share of all of them, that one
 * included, that say the same. It is the share of the most common answer where the given one is that; where most others
 * say something else it is lower, since their agreement speaks against the given one.
 */
export function agreement(given: string, others: readonly (string | undefined)[]): number {
  const wanted = normaliseAnswer(given);
  const same = others.filter((other) => other !== undefined && normaliseAnswer(other) === wanted).length;
  return (same + 1) / (others.length + 1);
}

/** Case, width, spaces, quotation marks around it and the punctuation at its end make no difference. */
export function normaliseAnswer(answer: string): string {
  const text = answer.normalize("NFKC").toLowerCase().replaceAll(/\s+/gu, " ");
  let [start, end] = [0, text.length];
  while (start < end && AROUND.includes(text.charAt(start))) start += 1;
  while (end > start && (AROUND + AT_END).includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const AROUND = " \"'`*_“”‘’„«»";
const AT_END = ".,;:!?…";
