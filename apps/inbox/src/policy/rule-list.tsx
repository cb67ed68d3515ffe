import { useEffect, useRef } from "react";
import { Unseen } from "@holdpoint/react";
import { effectInWords, PRESET, type RuleInput } from "../words/policy-words.ts";

/** The rules in their order: the first that matches decides. `marked` is brought to the eye. */
export function RuleList({ rules, marked }: { rules: readonly RuleInput[]; marked?: string | undefined }) {
  if (rules.length === 0) {
    return (
      <p className="border-t border-line pt-3">
        There are no rules: what the tools declare decides, and then the defaults.
      </p>
    );
  }
  return (
    <>
      <ol aria-label="Rules" className="border-t border-line">
        {rules.map((rule, index) => (
          <RuleLine key={rule.id} rule={rule} number={index + 1} isMarked={rule.id === marked} />
        ))}
      </ol>
      <p className="mt-3 text-quiet">
        What none of them matches is decided by what the tool declares, and then by the defaults.
      </p>
    </>
  );
}

function RuleLine({ rule, number, isMarked }: { rule: RuleInput; number: number; isMarked: boolean }) {
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isMarked) line.current?.scrollIntoView({ block: "center" });
  }, [isMarked]);
  const effect = effectInWords(rule.effect ?? {});
  return (
    <li
      ref={line}
      aria-current={isMarked ? "true" : undefined}
      className={`border-b border-line py-3 ${isMarked ? "border-l-2 border-l-ink bg-sunken pl-3" : ""}`}
    >
      <h3 className="flex flex-wrap items-baseline gap-x-2.5">
        <span className="text-quiet">
          {number}
          <span className="sr-only">.</span>
        </span>
        <span className="fact font-semibold">
          <Unseen text={rule.id} />
        </span>
        {rule.description === undefined ? null : (
          <span>
            <Unseen text={rule.description} />
          </span>
        )}
      </h3>
      <dl className="mt-1 grid gap-x-4 gap-y-0.5 md:grid-cols-[3rem_1fr]">
        <dt className="text-quiet">If</dt>
        <dd>
          <Conditions rule={rule} />
        </dd>
        <dt className="text-quiet">Then</dt>
        <dd>{effect.length === 0 ? "as the tool declares" : `${effect.join("; ")}.`}</dd>
      </dl>
    </li>
  );
}

function Conditions({ rule: { tools, agents, preset, when } }: { rule: RuleInput }) {
  const parts = [
    ...(tools === undefined ? [] : [<Names key="tools" before="the tool is" names={tools} />]),
    ...(agents === undefined ? [] : [<Names key="agents" before="the agent is" names={agents} />]),
    ...(preset === undefined
      ? []
      : [
          <span key="preset">
            {PRESET[preset]} <span className="fact text-quiet">{preset}</span>
          </span>,
        ]),
    ...(when === undefined
      ? []
      : [
          <code key="when" className="fact">
            <Unseen text={when} isProse />
          </code>,
        ]),
  ];
  if (parts.length === 0) return "anything at all";
  return parts.map((part, index) => (
    <span key={part.key}>
      {index === 0 ? null : <span className="text-quiet"> and </span>}
      {part}
    </span>
  ));
}

function Names({ before, names }: { before: string; names: readonly string[] }) {
  return (
    <span>
      {before}{" "}
      {names.map((name, index) => (
        <span key={name}>
          {index === 0 ? null : index === names.length - 1 ? " or " : ", "}
          <span className="fact">
            <Unseen text={name} />
          </span>
        </span>
      ))}
    </span>
  );
}
