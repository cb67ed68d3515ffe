import { useId, useRef, type Ref } from "react";

export interface JsonEditorProps {
  text: string;
  label: string;
  onChange: (text: string) => void;
  /** Lines (from 1) at which something is to be said; `true` where it is an error. */
  marks: ReadonlyMap<number, boolean>;
  describedBy: string;
  isInvalid: boolean;
  ref: Ref<HTMLTextAreaElement>;
}

const LEAST_LINES = 14;
const MOST_LINES = 34;

/** A text field with numbered lines. The browser's own field, so that keys, undo and assistive technology work as ever. */
export function JsonEditor({ text, label, onChange, marks, describedBy, isInvalid, ref }: JsonEditorProps) {
  const id = useId();
  const numbers = useRef<HTMLPreElement>(null);
  const count = text.split("\n").length;
  return (
    <div>
      <label htmlFor={id} className="label">
        {label}
      </label>
      <div className="mt-1 flex overflow-hidden rounded-control border border-edge bg-raised focus-within:border-ink focus-within:outline-2 focus-within:outline-ink">
        <div
          className="relative w-[4.5rem] shrink-0 overflow-hidden border-r border-line bg-sunken select-none max-md:w-12"
          aria-hidden="true"
        >
          <pre ref={numbers} className="absolute top-1.5 right-2 text-right font-mono text-sm text-quiet">
            {Array.from({ length: count }, (_, index) => {
              const mark = marks.get(index + 1);
              return `${mark === undefined ? "" : mark ? "× " : "! "}${index + 1}`;
            }).join("\n")}
          </pre>
        </div>
        <textarea
          ref={ref}
          id={id}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          rows={Math.min(MOST_LINES, Math.max(LEAST_LINES, count + 1))}
          value={text}
          aria-describedby={describedBy}
          aria-invalid={isInvalid}
          onChange={(event) => onChange(event.target.value)}
          onScroll={(event) => {
            if (numbers.current !== null)
              numbers.current.style.transform = `translateY(${-event.currentTarget.scrollTop}px)`;
          }}
          className="block max-h-[75dvh] min-w-0 flex-1 resize-none bg-transparent px-2.5 py-1.5 font-mono text-sm whitespace-pre outline-none"
        />
      </div>
    </div>
  );
}

/** Puts the cursor on a line (from 1), and the line into view. */
export function goToLine(field: HTMLTextAreaElement | null, line: number): void {
  if (field === null) return;
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  field.scrollTop = (field.scrollHeight / lines.length) * Math.max(0, line - 4);
}
