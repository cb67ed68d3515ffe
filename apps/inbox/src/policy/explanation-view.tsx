import type { Explanation } from "@holdpoint/protocol";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Unseen } from "@holdpoint/react";
import { Icon } from "../ui/icon.tsx";
import { IMPACT, REVERSIBILITY, TIER } from "../words/hold-words.ts";
import { AFTER_SILENCE, LEVEL, quorumInWords, seconds } from "../words/policy-words.ts";
import { STRENGTH } from "../words/strength.ts";
import { FindingList } from "./finding-list.tsx";

/** What would happen, which rule decides, and why; in the order in which people ask. */
export function ExplanationView({ explanation }: { explanation: Explanation }) {
  const { held, rule, reasons, reversibility, impact, value, findings } = explanation;
  return (
    <div>
      <p className="flex items-start gap-2 text-lg font-semibold">
        <Icon name={held ? "hold" : "play"} className={`mt-1 ${held ? "text-accent" : ""}`} />
        <span>
          {held ? (
            <>
              It is held: <Unseen text={explanation.routeInWords} /> decides
            </>
          ) : (
            "It proceeds by itself"
          )}
        </span>
      </p>
      <p className="mt-1">
        {rule === null ? (
          "No rule matches: what the tool declares decides, or the defaults."
        ) : (
          <>
            The rule{" "}
            <Link to="/policy" search={{ rule }} className="fact underline">
              <Unseen text={rule} />
            </Link>{" "}
            decides.
          </>
        )}
        <span className="text-quiet">
          {explanation.policyVersion === null
            ? " By your draft."
            : ` By version ${explanation.policyVersion}.`}
        </span>
      </p>
      <ul aria-label="Reasons" className="mt-3 border-t border-line">
        {reasons.map((reason) => (
          <li key={`${reason.rule} ${reason.text}`} className="border-b border-line py-1.5">
            <Unseen text={reason.text} />{" "}
            <span className="fact text-quiet">
              <Unseen text={reason.rule} />
            </span>
          </li>
        ))}
      </ul>
      <dl className="mt-4 grid grid-cols-[minmax(8rem,auto)_1fr] gap-x-6 gap-y-1.5">
        <Line name="How strongly">{LEVEL[explanation.level]}</Line>
        {held ? (
          <>
            <Line name="Tier">{TIER[explanation.tier]}</Line>
            <Line name="How many">{quorumInWords(explanation.quorum)}</Line>
            <Line name="Decided">{STRENGTH[explanation.strength]}</Line>
            <Line name="Answer wanted">within {seconds(explanation.respondWithinSeconds)}</Line>
            <Line name="Ends">
              after {seconds(explanation.timeoutSeconds)}; if nobody decides,{" "}
              {AFTER_SILENCE[explanation.onTimeout]}
            </Line>
            {explanation.channels.length === 0 ? null : (
              <Line name="Told over">{explanation.channels.join(", ")}</Line>
            )}
            {explanation.mayGrant ? (
              <Line name="For good">a decision may be made a standing grant</Line>
            ) : null}
          </>
        ) : null}
        {reversibility === null ? null : (
          <Line name="Reversibility">{REVERSIBILITY[reversibility].word}</Line>
        )}
        {impact === null ? null : <Line name="Impact">{IMPACT[impact]}</Line>}
        {value === null ? null : <Line name="Value">{value}</Line>}
      </dl>
      {findings.length === 0 ? null : (
        <div className="mt-4">
          <p className="label mb-1">Of the draft</p>
          <FindingList findings={findings} />
        </div>
      )}
    </div>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-quiet">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
