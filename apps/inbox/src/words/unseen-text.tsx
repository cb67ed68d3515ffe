import { splitUnseen } from "./unseen.ts";

/** Text that somebody else wrote, as text: what could not be seen is written out and marked (I13). */
export function Unseen({ text, isProse = false }: { text: string; isProse?: boolean }) {
  return splitUnseen(text, { isProse }).map((piece, index) =>
    piece.isEscape ? (
      <span key={index} className="unseen" title="A character that cannot be seen">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
}
