import { formatPath } from "@holdpoint/protocol";
import { useId } from "react";
import { useFieldArray, useFormContext, useWatch } from "react-hook-form";
import { Icon } from "../text/icon.tsx";
import { visible } from "../text/unseen.ts";
import { Unseen } from "../text/unseen-text.tsx";
import { emptyDraft, givenDraft, type Draft, type DraftProblem, type Presence } from "./draft.ts";
import { LeafInput } from "./leaf-input.tsx";
import type { Field, FieldShape } from "./schema.ts";

/** What the fields of one form share. */
export interface FormContext {
  /** Paths that differ from what was proposed. */
  changed: ReadonlySet<string>;
  problems: readonly DraftProblem[];
  /**
   * `names` (the default) labels a field with its exact name, for those who judge arguments. `titles` takes the schema's
   * title, or makes words of the name: for those who are asked.
   */
  labels?: "names" | "titles";
  /** What is optional stands there empty, instead of behind a button. Default false. */
  offersOptional?: boolean;
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
      label={props.context.labels === "titles" ? (field.title ?? inWords(name)) : name}
      isRequired={isRequired}
      context={props.context}
    />
  ));
  if (props.path.length === 0) return <div className="hp-fields">{inner}</div>;
  return (
    <Group {...props}>
      <div className="hp-fields">{inner}</div>
    </Group>
  );
}

function ArrayField({ item, ...props }: DraftFieldProps & { item: Field }) {
  const { fields, append, remove } = useFieldArray({ name: `${props.name}.items` });
  const { offersOptional = false } = props.context;
  return (
    <Group {...props}>
      <div className="hp-fields">
        {fields.map((entry, index) => (
          <div key={entry.id} className="hp-entry">
            <div className="hp-entry-field">
              <DraftField
                field={item}
                name={`${props.name}.items.${index}`}
                path={[...props.path, index]}
                label={`${index + 1}`}
                isRequired
                context={props.context}
              />
            </div>
            <button type="button" className="hp-button hp-button-bare" onClick={() => remove(index)}>
              Remove<span className="hp-for-ears"> entry {index + 1}</span>
            </button>
          </div>
        ))}
      </div>
      <button
        type="button"
        className="hp-button"
        onClick={() => append(emptyDraft(item, { offersOptional }))}
      >
        Add an entry
      </button>
    </Group>
  );
}

function Group({ children, ...props }: DraftFieldProps & { children: React.ReactNode }) {
  return (
    <fieldset className="hp-group">
      <legend className={labelClass(props.context)}>
        <Unseen text={props.label} />
      </legend>
      <p className="hp-presences">
        <Presences {...props} />
      </p>
      {children}
    </fieldset>
  );
}

function LeafField({ draft, ...props }: DraftFieldProps & { draft: Draft }) {
  const id = useId();
  const { field, context, name, path } = props;
  const isChanged = isChangedAt(context.changed, path);
  const problem = context.problems.find((entry) => `draft${entry.place && `.${entry.place}`}` === name);
  const notes = [field.description, field.bounds].filter((note) => note !== undefined);
  const isGiven = draft.state !== "null" && draft.state !== "absent";
  return (
    <div className={isChanged ? "hp-field hp-field-changed" : "hp-field"}>
      <div className="hp-field-head">
        <label htmlFor={isGiven ? id : undefined} className={labelClass(context)}>
          <Unseen text={props.label} />
        </label>
        {draft.state === "wanted" ? <span className="hp-quiet">required</span> : null}
        {draft.state === "offered" ? <span className="hp-quiet">if you like</span> : null}
        {isChanged ? (
          <span className="hp-changed">
            <Icon name="edit" /> changed
          </span>
        ) : null}
        <span className="hp-presences hp-at-end">
          <Presences {...props} />
        </span>
      </div>
      {isGiven ? (
        <LeafInput
          field={field}
          name={name}
          draft={draft}
          id={id}
          describedBy={`${id}-notes`}
          isInvalid={problem !== undefined}
        />
      ) : (
        <p className="hp-fact hp-quiet">{draft.state === "null" ? "null" : "(left out)"}</p>
      )}
      <div id={`${id}-notes`} className="hp-notes">
        {problem === undefined ? null : <p className="hp-problem">{problem.message}</p>}
        {notes.length === 0 ? null : (
          <p>
            <Unseen text={notes.join(" · ")} />
          </p>
        )}
      </div>
    </div>
  );
}

const PRESENCE: Record<Exclude<Presence, "wanted" | "offered">, string> = {
  value: "Give a value",
  null: "Set to null",
  absent: "Leave out",
};

/** For what need not be there: quiet buttons that give it, leave it out, or set it to null. */
function Presences({ field, name, isRequired, label, context }: DraftFieldProps) {
  const { setValue, getValues } = useFormContext();
  const draft = useWatch({ name }) as Draft;
  const { state } = draft;
  // Left empty it is left out, so there is nothing to press.
  if (state === "offered") return null;
  const isGiven = state === "value" || state === "wanted";
  const offered = [
    ...(isGiven ? [] : (["value"] as const)),
    ...(field.isNullable && state !== "null" ? (["null"] as const) : []),
    ...(!isRequired && state !== "absent" ? (["absent"] as const) : []),
  ];
  const { offersOptional = false } = context;
  const change = (to: Exclude<Presence, "wanted" | "offered">, known: Draft) =>
    setValue(name, to === "value" ? givenDraft(field, known, { offersOptional }) : { ...known, state: to }, {
      shouldDirty: true,
    });
  const isEmptyText = state === "wanted" && draft.kind === "text" && draft.text === "" && !offersOptional;
  return (
    <>
      {isEmptyText ? (
        <Quiet label={label} onPress={() => setValue(`${name}.state`, "value", { shouldDirty: true })}>
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
    <button type="button" className="hp-quiet-button" onClick={props.onPress}>
      {props.children}
      <span className="hp-for-ears"> for {visible(props.label)}</span>
    </button>
  );
}

function labelClass({ labels }: FormContext): string {
  return labels === "titles" ? "hp-field-label" : "hp-field-label hp-fact";
}

/** `first_name` and `firstName` as people write it: `First name`. */
export function inWords(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/[_\-.]+/g, " ")
    .trim();
  if (words === "") return name;
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}

function isChangedAt(changed: ReadonlySet<string>, path: readonly (string | number)[]): boolean {
  const text = path.length === 0 ? "value" : formatPath(path);
  return [...changed].some(
    (entry) => entry === text || entry.startsWith(`${text}.`) || entry.startsWith(`${text}[`),
  );
}
