/**
 * The words of a text as the search keeps them. A name written together is found whole and by its parts:
 * `actionHash` gives actionHash, action and Hash.
 */
export function termsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).flatMap((word) => {
    if (word === "") return [];
    const parts = word.split(/(?<=\p{Ll}|\p{N})(?=\p{Lu})/u);
    return parts.length === 1 ? [word] : [word, ...parts];
  });
}
