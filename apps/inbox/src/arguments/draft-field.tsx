import { formatPath } from "@holdpoint/protocol";
import { useId } from "react";
import { useFieldArray, useFormContext, useWatch } from "react-hook-form";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Unseen } from "../words/unseen-text.tsx";
import { emptyDraft, type Draft, type DraftProblem, type Presence } from "./draft.ts";
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
        {isChanged ? (
          <span className="inline-flex items-center gap-1 text-sm font-semibold">
            <Icon name="edit" /> changed
          </span>
        ) : null}
        <span className="ml-auto flex gap-3">
          <Presences {...props} />
        </span>
      </div>
      {draft.state === "value" ? (
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
  const common = { id, "aria-describedby": describedBy, "aria-invalid": isInvalid };
  const { shape } = field;
  switch (draft.kind) {
    case "boolean":
      return (
        <span className="flex min-h-9 items-center">
          <input type="checkbox" className="size-5 accent-ink" {...common} {...register(`${name}.checked`)} />
        </span>
      );
    case "choice":
      return (
        <select className="field fact max-w-96" {...common} {...register(`${name}.index`)}>
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

const PRESENCE: Record<Presence, string> = {
  value: "Give a value",
  null: "Set to null",
  absent: "Leave out",
};

/** For what need not be there: quiet buttons that give it, leave it out, or set it to null. */
function Presences({ field, name, isRequired, label }: DraftFieldProps) {
  const { setValue, getValues } = useFormContext();
  const state = useWatch({ name: `${name}.state` }) as Presence;
  const offered: Presence[] = [
    "value",
    ...(field.isNullable || state === "null" ? (["null"] as const) : []),
    ...(!isRequired || state === "absent" ? (["absent"] as const) : []),
  ];
  return offered
    .filter((value) => value !== state)
    .map((value) => (
      <button
        key={value}
        type="button"
        className="min-h-6 text-sm text-quiet underline hover:text-ink"
        onClick={() => setValue(name, { ...(getValues(name) as Draft), state: value })}
      >
        {PRESENCE[value]}
        <span className="sr-only"> for {label}</span>
      </button>
    ));
}

function isChangedAt(changed: ReadonlySet<string>, path: readonly (string | number)[]): boolean {
  const text = path.length === 0 ? "value" : formatPath(path);
  return [...changed].some(
    (entry) => entry === text || entry.startsWith(`${text}.`) || entry.startsWith(`${text}[`),
  );
}
