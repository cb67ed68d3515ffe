import type { PolicyFinding } from "@holdpoint/protocol";
import { Unseen } from "@holdpoint/react";
import { Icon } from "../ui/icon.tsx";
import { lineOf } from "./json-places.ts";

/** What is to be said about a policy, errors first: place, what is wrong, what to do. */
export function FindingList(props: {
  findings: readonly PolicyFinding[];
  /** Of the text that is being written, and how to get there. */
  lines?: ReadonlyMap<string, number>;
  onGoTo?: (line: number) => void;
}) {
  const { findings } = props;
  return (
    <ul aria-label="Findings" className="border-t border-line">
      {findings.map(({ severity, path, message, remedy, code }) => (
        <li key={`${code} ${path} ${message}`} className="flex gap-2.5 border-b border-line py-2">
          <Icon
            name={severity === "error" ? "cross" : "warning"}
            className={`mt-[3px] ${severity === "error" ? "" : "text-quiet"}`}
          />
          <div className="min-w-0">
            <p>
              <span className="sr-only">{severity === "error" ? "Error: " : "Warning: "}</span>
              <span className={severity === "error" ? "font-semibold" : ""}>
                <Unseen text={message} />
              </span>{" "}
              <Unseen text={remedy} />
            </p>
            {path === "" ? null : (
              <p className="flex flex-wrap items-baseline gap-x-3 text-sm text-quiet">
                <span className="fact">
                  <Unseen text={path} />
                </span>
                <Place {...props} path={path} />
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Place(props: {
  path: string;
  lines?: ReadonlyMap<string, number>;
  onGoTo?: (line: number) => void;
}) {
  const { path, lines, onGoTo } = props;
  const line = lines === undefined ? undefined : lineOf(lines, path);
  if (line === undefined || onGoTo === undefined) return null;
  return (
    <button type="button" className="min-h-6 underline hover:text-ink" onClick={() => onGoTo(line)}>
      line {line}
    </button>
  );
}
