import { formatPath } from "@holdpoint/protocol";
import { useId } from "react";
import { useFieldArray, useFormContext, useWatch } from "react-hook-form";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Unseen } from "../words/unseen-text.tsx";
import { emptyDraft, givenDraft, type Draft, type DraftProblem, type Presence } from "./draft.ts";
import type { Field, FieldShape } from "./schema.ts";

/** What the fields of one form share. */
export interface FormContext {
  /** Paths that differ from what was proposed. */
  changed: ReadonlySet<string>;
  problems: readonly DraftProblem[];
}

export interface DraftFieldProps {
  field: Field;
  /** As the form library addresses it: `draft.fields.0`. */
  name: string;
  /** As JSON addresses it: `["lines", 0, "sku"]`. */
  path: readonly (string | number)[];
  label: string;
  isRequired: boolean;
  context: FormContext;
  /** A label that only assistive technology needs, for the one field of a form. */
  isBare?: boolean;
}

/** One field of the form, whatever it is: dispatched by the draft, because a value may not fit its schema. */
export function DraftField(props: DraftFieldProps) {
  const draft = useWatch({ name: props.name }) as Draft | undefined;
  if (draft === undefined) return null;
  if (draft.state === "value" && draft.kind === "object" && props.field.shape.kind === "object") {
    return <ObjectField {...props} fields={props.field.shape.fields} />;
  }
  if (draft.state === "value" && draft.kind === "array" && props.field.shape.kind === "array") {
    return <ArrayField {...props} item={props.field.shape.item} />;
  }
  return <LeafField {...props} draft={draft} />;
}

function ObjectField({ fields, ...props }: DraftFieldProps & { fields: FieldShape[] }) {
  const inner = fields.map(({ name, field, isRequired }, index) => (
    <DraftField
      key={name}
      field={field}
      name={`${props.name}.fields.${index}`}
      path={[...props.path, name]}
      label={name}
      isRequired={isRequired}
      context={props.context}
    />
  ));
  if (props.path.length === 0) return <div className="grid gap-4">{inner}</div>;
  return (
    <fieldset className="border-l border-line pl-4">
      <legend className="fact mb-2 font-semibold">
        <Unseen text={props.label} />
      </legend>
      <p className="flex gap-3">
        <Presences {...props} />
      </p>
      <div className="grid gap-4">{inner}</div>
    </fieldset>
  );
}

function ArrayField({ item, ...props }: DraftFieldProps & { item: Field }) {
  const { fields, append, remove } = useFieldArray({ name: `${props.name}.items` });
  return (
    <fieldset className="border-l border-line pl-4">
      <legend className="fact mb-2 font-semibold">
        <Unseen text={props.label} />
      </legend>
      <p className="flex gap-3">
        <Presences {...props} />
      </p>
      <div className="grid gap-3">
        {fields.map((entry, index) => (
          <div key={entry.id} className="flex items-start gap-2">
            <div className="min-w-0 flex-1">
              <DraftField
                field={item}
                name={`${props.name}.items.${index}`}
                path={[...props.path, index]}
                label={`${index + 1}`}
                isRequired
                context={props.context}
              />
            </div>
            <Button kind="bare" onPress={() => remove(index)}>
              Remove<span className="sr-only"> entry {index + 1}</span>
            </Button>
          </div>
        ))}
      </div>
      <Button className="mt-2" onPress={() => append(emptyDraft(item))}>
        Add an entry
      </Button>
    </fieldset>
  );
}

function LeafField({ draft, ...props }: DraftFieldProps & { draft: Draft }) {
  const id = useId();
  const { field, context, name, path } = props;
  const isChanged = isChangedAt(context.changed, path);
  const problem = context.problems.find((entry) => `draft${entry.place && `.${entry.place}`}` === name);
  const notes = [field.description, field.bounds].filter((note) => note !== undefined);
  return (
    <div className={isChanged ? "-ml-3 border-l-2 border-ink pl-[10px]" : ""}>
      <div className={`mb-1 flex flex-wrap items-center gap-x-3 ${props.isBare === true ? "sr-only" : ""}`}>
        <label htmlFor={id} className="fact font-semibold">
          <Unseen text={props.label} />
        </label>
        {draft.state === "wanted" ? <span className="text-sm text-quiet">required</span> : null}
        {isChanged ? (
          <span className="inline-flex items-center gap-1 text-sm font-semibold">
            <Icon name="edit" /> changed
          </span>
        ) : null}
        <span className="ml-auto flex gap-3">
          <Presences {...props} />
        </span>
      </div>
      {draft.state === "value" || draft.state === "wanted" ? (
        <LeafInput
          {...props}
          draft={draft}
          id={id}
          describedBy={`${id}-notes`}
          isInvalid={problem !== undefined}
        />
      ) : (
        <p id={id} className="fact text-quiet">
          {draft.state === "null" ? "null" : "(left out)"}
        </p>
      )}
      <div id={`${id}-notes`} className="mt-1 text-sm text-quiet">
        {problem === undefined ? null : <p className="font-semibold text-ink">{problem.message}</p>}
        {notes.length === 0 ? null : (
          <p>
            <Unseen text={notes.join(" · ")} />
          </p>
        )}
      </div>
    </div>
  );
}

interface LeafInputProps extends DraftFieldProps {
  draft: Draft;
  id: string;
  describedBy: string;
  isInvalid: boolean;
}

function LeafInput({ draft, field, name, id, describedBy, isInvalid }: LeafInputProps) {
  const { register } = useFormContext();
  const isWanted = draft.state === "wanted";
  const common = {
    id,
    "aria-describedby": describedBy,
    "aria-invalid": isInvalid,
    ...(isWanted ? { "aria-required": true } : {}),
  };
  const { shape } = field;
  switch (draft.kind) {
    case "boolean":
      return (
        <span className="flex min-h-9 items-center">
          <input type="checkbox" className="size-5 accent-ink" {...common} {...register(`${name}.checked`)} />
        </span>
      );
    case "yes_no":
      return (
        <select className="field fact max-w-96" {...common} {...register(`${name}.answer`)}>
          <option value="">Choose…</option>
          <option value="yes">yes</option>
          <option value="no">no</option>
        </select>
      );
    case "choice":
      return (
        <select className="field fact max-w-96" {...common} {...register(`${name}.index`)}>
          {isWanted ? <option value="">Choose…</option> : null}
          {shape.kind === "choice"
            ? shape.values.map((value, index) => (
                <option key={JSON.stringify(value)} value={index}>
                  {typeof value === "string" ? value : JSON.stringify(value)}
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
          className="field fact max-w-60"
          {...common}
          {...register(`${name}.text`)}
        />
      );
    case "text":
      return shape.kind === "text" && !shape.isLong ? (
        <input
          type={shape.input === "date" ? "date" : "text"}
          inputMode={shape.input === "email" || shape.input === "url" ? shape.input : "text"}
          autoComplete="off"
          className="field fact"
          {...common}
          {...register(`${name}.text`)}
        />
      ) : (
        <textarea rows={4} className="field fact" {...common} {...register(`${name}.text`)} />
      );
    default:
      return (
        <textarea
          rows={6}
          spellCheck={false}
          className="field fact"
          {...common}
          {...register(`${name}.text`)}
        />
      );
  }
}

const PRESENCE: Record<Exclude<Presence, "wanted">, string> = {
  value: "Give a value",
  null: "Set to null",
  absent: "Leave out",
};

/** For what need not be there: quiet buttons that give it, leave it out, or set it to null. */
function Presences({ field, name, isRequired, label }: DraftFieldProps) {
  const { setValue, getValues } = useFormContext();
  const draft = useWatch({ name }) as Draft;
  const { state } = draft;
  const isGiven = state === "value" || state === "wanted";
  const offered = [
    ...(isGiven ? [] : (["value"] as const)),
    ...(field.isNullable && state !== "null" ? (["null"] as const) : []),
    ...(!isRequired && state !== "absent" ? (["absent"] as const) : []),
  ];
  const change = (to: Presence, known: Draft) =>
    setValue(name, to === "value" ? givenDraft(field, known) : { ...known, state: to });
  const isEmptyText = state === "wanted" && draft.kind === "text" && draft.text === "";
  return (
    <>
      {isEmptyText ? (
        <Quiet label={label} onPress={() => setValue(`${name}.state`, "value")}>
          Give an empty text
        </Quiet>
      ) : null}
      {offered.map((value) => (
        <Quiet key={value} label={label} onPress={() => change(value, getValues(name) as Draft)}>
          {PRESENCE[value]}
        </Quiet>
      ))}
    </>
  );
}

function Quiet(props: { children: string; label: string; onPress: () => void }) {
  return (
    <button
      type="button"
      className="min-h-6 text-sm text-quiet underline hover:text-ink"
      onClick={props.onPress}
    >
      {props.children}
      <span className="sr-only"> for {props.label}</span>
    </button>
  );
}

function isChangedAt(changed: ReadonlySet<string>, path: readonly (string | number)[]): boolean {
  const text = path.length === 0 ? "value" : formatPath(path);
  return [...changed].some(
    (entry) => entry === text || entry.startsWith(`${text}.`) || entry.startsWith(`${text}[`),
  );
}
