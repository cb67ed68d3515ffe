import { useMemo, useState } from "react";
import { Unseen } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
import { countChanges, diffLines, type DiffLine } from "./line-diff.ts";

/** Lines around a change that say where it is. */
const AROUND = 3;

/** The difference of two texts: by sign and word, never by colour alone; what is the same is left out. */
export function LineDiffView({ before, after, label }: { before: string; after: string; label: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  if (countChanges(lines) === 0) return <p className="text-quiet">Nothing differs.</p>;
  const shown = isWhole ? lines.map((line) => ({ ...line, isGap: false })) : closeTo(lines);
  return (
    <div>
      <ol
        aria-label={label}
        tabIndex={0}
        className="overflow-x-auto border-y border-line py-1 font-mono text-sm whitespace-pre"
      >
        {shown.map((line, index) => (
          <li key={index} className={`min-w-max px-2 ${LOOK[line.isGap ? "gap" : line.kind]}`}>
            {line.isGap ? (
              "⋯"
            ) : (
              <>
                <span aria-hidden="true">{SIGN[line.kind]} </span>
                {line.kind === "same" ? null : <span className="sr-only">{line.kind}: </span>}
                <Unseen text={line.text} />
              </>
            )}
          </li>
        ))}
      </ol>
      {shown.some(({ isGap }) => isGap) || isWhole ? (
        <Button kind="bare" className="mt-1" onPress={() => setIsWhole(!isWhole)}>
          {isWhole ? "Only what differs" : "Show all lines"}
        </Button>
      ) : null}
    </div>
  );
}

type ShownLine = DiffLine & { isGap: boolean };

const SIGN = { same: " ", removed: "−", added: "+" } as const;
const LOOK = {
  same: "text-quiet",
  removed: "bg-sunken line-through decoration-1 text-quiet",
  added: "bg-pressed",
  gap: "text-quiet",
} as const;

/** A gap stands for the lines that are far from any change. */
function closeTo(lines: readonly DiffLine[]): ShownLine[] {
  const isNear = lines.map(() => false);
  lines.forEach(({ kind }, index) => {
    if (kind !== "same") isNear.fill(true, Math.max(0, index - AROUND), index + AROUND + 1);
  });
  return lines.flatMap((line, index): ShownLine[] => {
    if (isNear[index] === true) return [{ ...line, isGap: false }];
    return index === 0 || isNear[index - 1] === true ? [{ ...line, isGap: true }] : [];
  });
}
