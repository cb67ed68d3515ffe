import { splitUnseen } from "./unseen.ts";

/** Scripts that run from right to left: Hebrew, Arabic and their kin, and their presentation forms. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Text that somebody else wrote, as text: what could not be seen is written out and marked (I13). */
export function Unseen({ text, isProse = false }: { text: string; isProse?: boolean }) {
  const pieces = splitUnseen(text, { isProse }).map((piece, index) =>
    piece.isEscape ? (
      <span key={index} className="hp-unseen" title="A character that cannot be seen">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
  // Kept to itself: else the words of the page behind it, "50 s ago", would be drawn inside of it.
  return RIGHT_TO_LEFT.test(text) ? <bdi>{pieces}</bdi> : pieces;
}
