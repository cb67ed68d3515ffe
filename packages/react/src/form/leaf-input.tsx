import { useFormContext } from "react-hook-form";
import { visible } from "../text/unseen.ts";
import type { Draft } from "./draft.ts";
import type { Field } from "./schema.ts";

export interface LeafInputProps {
  field: Field;
  /** As the form library addresses it: `draft.fields.0`. */
  name: string;
  draft: Draft;
  id: string;
  describedBy: string;
  isInvalid: boolean;
}

/** The input of one value, by what the draft is. */
export function LeafInput({ draft, field, name, id, describedBy, isInvalid }: LeafInputProps) {
  const { register } = useFormContext();
  const isOpen = draft.state === "wanted" || draft.state === "offered";
  const common = {
    id,
    "aria-describedby": describedBy,
    "aria-invalid": isInvalid,
    ...(draft.state === "wanted" ? { "aria-required": true } : {}),
  };
  const { shape } = field;
  switch (draft.kind) {
    case "boolean":
      return (
        <span className="hp-tick">
          <input type="checkbox" className="hp-check" {...common} {...register(`${name}.checked`)} />
        </span>
      );
    case "yes_no":
      return (
        <select className="hp-input hp-input-short" {...common} {...register(`${name}.answer`)}>
          <option value="">Choose…</option>
          <option value="yes">yes</option>
          <option value="no">no</option>
        </select>
      );
    case "choice":
      return (
        <select className="hp-input hp-input-short" {...common} {...register(`${name}.index`)}>
          {isOpen ? <option value="">Choose…</option> : null}
          {shape.kind === "choice"
            ? shape.values.map((value, index) => (
                <option key={JSON.stringify(value)} value={index}>
                  {visible(
                    shape.titles?.[index] ?? (typeof value === "string" ? value : JSON.stringify(value)),
                  )}
                </option>
              ))
            : null}
        </select>
      );
    case "number":
      // Not type="number": it throws away what it cannot read, and steps under the wheel.
      return (
        <input
          inputMode={shape.kind === "number" && shape.isInteger ? "numeric" : "decimal"}
          autoComplete="off"
          className="hp-input hp-input-short"
          {...common}
          {...register(`${name}.text`)}
        />
      );
    case "text":
      return shape.kind === "text" && !shape.isLong ? (
        <input
          type={shape.input === "date" ? "date" : "text"}
          inputMode={shape.input === "email" || shape.input === "url" ? shape.input : "text"}
          autoComplete={shape.input === "email" ? "email" : "off"}
          className={shape.input === "date" ? "hp-input hp-input-short" : "hp-input"}
          {...common}
          {...register(`${name}.text`)}
        />
      ) : (
        <textarea rows={4} className="hp-input" {...common} {...register(`${name}.text`)} />
      );
    default:
      return (
        <textarea
          rows={6}
          spellCheck={false}
          className="hp-input hp-fact"
          {...common}
          {...register(`${name}.text`)}
        />
      );
  }
}
