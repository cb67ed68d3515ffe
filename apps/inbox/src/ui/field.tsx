import type { ReactNode } from "react";

/** One of several: radio buttons of one name. */
export function Choice(props: { name: string; isChosen: boolean; onChoose: () => void; children: string }) {
  return (
    <label className="inline-flex min-h-6 items-start gap-2">
      <input
        type="radio"
        name={props.name}
        className="mt-[3px] size-4 accent-ink"
        checked={props.isChosen}
        onChange={props.onChoose}
      />
      {props.children}
    </label>
  );
}

/** Yes or no. */
export function Tick(props: { isTicked: boolean; onTick: (isTicked: boolean) => void; children: ReactNode }) {
  return (
    <label className="inline-flex min-h-6 items-start gap-2">
      <input
        type="checkbox"
        className="mt-[3px] size-4 accent-ink"
        checked={props.isTicked}
        onChange={(event) => props.onTick(event.target.checked)}
      />
      <span>{props.children}</span>
    </label>
  );
}

/** A field under its label; what is wrong with it stands below, where a screen reader looks for it. */
export function Labelled(props: {
  id: string;
  label: string;
  problem?: string | undefined;
  children: ReactNode;
}) {
  return (
    <div>
      <label htmlFor={props.id} className="text-sm text-quiet">
        {props.label}
      </label>
      <div className="mt-0.5">{props.children}</div>
      <p id={`${props.id}-problem`} className="text-sm font-semibold">
        {props.problem}
      </p>
    </div>
  );
}
