import { InlineFact } from "../words/fact.tsx";
import { Unseen } from "../words/unseen-text.tsx";
import type { Change } from "./changes.ts";

/** A structural difference, proposed -> edited: in words too, never by colour alone. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  return (
    <ul aria-label="Changes" className="border-t border-line">
      {changes.map((change) => (
        <li
          key={change.path}
          className="grid gap-x-6 border-b border-line py-1.5 md:grid-cols-[minmax(8rem,1fr)_minmax(0,4fr)]"
        >
          <span className="fact text-quiet">
            <Unseen text={change.path} />
          </span>
          <span className="fact flex flex-wrap items-baseline gap-x-2">
            <span className="sr-only">proposed </span>
            <del className="text-quiet decoration-1">
              <InlineFact value={change.before} />
            </del>
            <span aria-hidden="true">→</span>
            <span className="sr-only">edited </span>
            <ins className="font-semibold no-underline">
              <InlineFact value={change.after} />
            </ins>
          </span>
        </li>
      ))}
    </ul>
  );
}
