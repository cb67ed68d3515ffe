/**
 * Gives the headings of one page the ids that GitHub gives them, so that one link works in both places:
 * lower case, punctuation gone, spaces as hyphens, repeats numbered.
 */
export class HeadingIds {
  readonly #seen = new Map<string, number>();

  next(text: string): string {
    const id = text
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    const repeats = this.#seen.get(id);
    this.#seen.set(id, (repeats ?? 0) + 1);
    return repeats === undefined ? id : `${id}-${repeats}`;
  }
}
