import { InlineFact } from "../text/facts.tsx";
import { Unseen } from "../text/unseen-text.tsx";
import type { Change } from "./changes.ts";

/** A structural difference, proposed -> edited: in words too, never by colour alone. */
export function ChangeList({ changes }: { changes: readonly Change[] }) {
  return (
    <ul aria-label="Changes" className="hp-facts hp-changes">
      {changes.map((change) => (
        <li key={change.path} className="hp-facts-row">
          <span className="hp-fact hp-quiet">
            <Unseen text={change.path} />
          </span>
          <span className="hp-fact hp-change">
            <span className="hp-for-ears">proposed </span>
            <del className="hp-quiet">
              <InlineFact value={change.before} />
            </del>
            <span aria-hidden="true">→</span>
            <span className="hp-for-ears">edited </span>
            <ins className="hp-strong">
              <InlineFact value={change.after} />
            </ins>
          </span>
        </li>
      ))}
    </ul>
  );
}
