import { useEffect, useRef, type ReactNode } from "react";

/** The one thing that there is to say. */
export function Notice({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [title]);
  return (
    <section className="hp-question notice">
      <h2 ref={heading} tabIndex={-1} className="hp-title">
        {title}
      </h2>
      {children}
    </section>
  );
}
