import { useId, type ReactNode } from "react";

/** A part of the card: a quiet label, a line above, and what it is about. */
export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-6 border-t border-line pt-3">
      <div className="mb-2 flex min-h-6 items-center justify-between gap-3">
        <h3 id={id} className="label">
          {title}
        </h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
