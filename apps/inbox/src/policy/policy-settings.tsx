import type { PolicyInput } from "@holdpoint/protocol";
import { useId, type ReactNode } from "react";
import { Unseen } from "@holdpoint/react";
import { TIER } from "../words/hold-words.ts";
import { effectInWords } from "../words/policy-words.ts";
import { OnCall } from "./on-call.tsx";

const TIERS = ["async_review", "sync_gate", "escalation"] as const;

/** What the rules refer to: tiers, groups, rotations, hours, detectors. */
export function PolicySettings({ document }: { document: PolicyInput }) {
  const { tiers = {}, groups = {}, rotations = {}, businessHours, detectors = {} } = document;
  const personalData = detectors.personalData;
  return (
    <div className="grid gap-6">
      <Part title="Tiers">
        <dl className="grid gap-x-6 gap-y-1.5 md:grid-cols-[9rem_1fr]">
          {TIERS.map((tier) => {
            const words = effectInWords(tiers[tier] ?? {});
            return (
              <Pair key={tier} name={TIER[tier]}>
                {words.length === 0 ? (
                  <span className="text-quiet">as by default</span>
                ) : (
                  `${words.join("; ")}.`
                )}
              </Pair>
            );
          })}
        </dl>
      </Part>
      {Object.keys(groups).length === 0 ? null : (
        <Part title="Groups">
          <dl className="grid gap-x-6 gap-y-1.5 md:grid-cols-[9rem_1fr]">
            {Object.entries(groups).map(([name, people]) => (
              <Pair key={name} name={<Unseen text={name} />}>
                {people.length === 0 ? "nobody" : <Unseen text={people.join(", ")} />}
              </Pair>
            ))}
          </dl>
        </Part>
      )}
      {Object.keys(rotations).length === 0 ? null : (
        <Part title="On call">
          <OnCall rotations={rotations} />
        </Part>
      )}
      {businessHours === undefined ? null : (
        <Part title="Business hours">
          <p>
            {(businessHours.days ?? ["monday to friday"]).join(", ")}, {businessHours.from ?? "09:00"} to{" "}
            {businessHours.to ?? "17:00"}, {businessHours.timeZone}
            {businessHours.holidays === undefined || businessHours.holidays.length === 0
              ? ""
              : `; not on ${businessHours.holidays.length === 1 ? "1 holiday" : `${businessHours.holidays.length} holidays`}`}
          </p>
        </Part>
      )}
      {personalData === undefined ? null : (
        <Part title="What counts as personal data">
          {personalData.arguments === undefined ? null : (
            <p>
              Arguments called{" "}
              <span className="fact">
                <Unseen text={personalData.arguments.join(", ")} />
              </span>
            </p>
          )}
          {personalData.values === undefined ? null : (
            <p>
              Values like{" "}
              <span className="fact">
                <Unseen text={personalData.values.join(", ")} />
              </span>
            </p>
          )}
        </Part>
      )}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t border-line pt-3">
      <h2 id={id} className="label mb-2">
        {title}
      </h2>
      {children}
    </section>
  );
}

function Pair({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-quiet max-md:mt-1">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
