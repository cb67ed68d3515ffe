import type { Evidence, HoldDetail } from "@holdpoint/protocol";
import { useState } from "react";
import { Unseen } from "@holdpoint/react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Section } from "./section.tsx";

const SHOWN_LINES = 16;

/** What helps to judge: typed, bounded, and never more than text, a checked link, a picture or a file. */
export function EvidenceSection({ hold }: { hold: HoldDetail }) {
  if (hold.evidence.length === 0) return null;
  return (
    <Section title="Evidence">
      <ul className="grid gap-4">
        {hold.evidence.map((evidence, index) => (
          <li key={index}>
            <h4 className="font-semibold">
              <Unseen text={evidence.title} />
            </h4>
            <EvidenceBody evidence={evidence} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function EvidenceBody({ evidence }: { evidence: Evidence }) {
  switch (evidence.type) {
    case "text":
      return <LongText text={evidence.text} />;
    case "link":
      return (
        <p className="mt-0.5">
          <a
            href={evidence.url}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="inline-flex items-baseline gap-1.5 underline"
          >
            <Unseen text={evidence.url} /> <Icon name="external" className="translate-y-0.5" />
          </a>
        </p>
      );
    case "image":
      return (
        <img
          alt=""
          src={`data:${evidence.mediaType};base64,${evidence.base64}`}
          className="mt-1 max-h-96 max-w-full border border-line"
        />
      );
    case "file":
      return <FileEvidence evidence={evidence} />;
    default:
      return (
        <div className="mt-1 grid gap-2 md:grid-cols-2">
          <Side name="Before" text={evidence.before} />
          <Side name="After" text={evidence.after} />
        </div>
      );
  }
}

function Side({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <p className="text-sm text-quiet">{name}</p>
      <LongText text={text} />
    </div>
  );
}

function LongText({ text }: { text: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const lines = text.split("\n");
  const isLong = lines.length > SHOWN_LINES || text.length > 2_000;
  const shown =
    isWhole || !isLong ? text : lines.slice(0, SHOWN_LINES).join("\n").slice(0, 2_000).toWellFormed();
  // One line is a sentence, several are a listing.
  return (
    <div className="mt-0.5">
      <p className={lines.length > 1 ? "fact border-l-2 border-line pl-3" : "max-w-[68ch]"}>
        <Unseen text={shown} isProse />
        {shown === text ? null : "…"}
      </p>
      {isLong ? (
        <Button className="mt-1" kind="bare" onPress={() => setIsWhole(!isWhole)}>
          {isWhole ? "Show less" : lines.length > 1 ? `Show all ${lines.length} lines` : "Show all of it"}
        </Button>
      ) : null}
    </div>
  );
}

/** Given as a download only: whatever it is, it is not opened as a part of this page. */
function FileEvidence({ evidence }: { evidence: Extract<Evidence, { type: "file" }> }) {
  const bytes = Math.floor((evidence.base64.length * 3) / 4);
  return (
    <p className="mt-0.5">
      <a
        className="inline-flex items-center gap-1.5 underline"
        download={evidence.title.replaceAll(/[^\w.-]+/g, "_")}
        href={`data:application/octet-stream;base64,${evidence.base64}`}
      >
        <Icon name="down" /> Download
      </a>{" "}
      <span className="text-sm text-quiet">
        <Unseen text={evidence.mediaType} />,{" "}
        {bytes < 2_000 ? `${bytes} bytes` : `${Math.round(bytes / 1_000)} kB`}
      </span>
    </p>
  );
}
