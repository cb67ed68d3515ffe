import { canonicalJson, type JsonObject, type JsonValue } from "@holdpoint/protocol";

/** What an event says of a change: which rules and parts, by name. The documents themselves are kept as versions. */
export interface PolicyChanges extends JsonObject {
  rulesAdded: string[];
  rulesRemoved: string[];
  rulesChanged: string[];
  /** Those in both came in another order: the first rule that matches decides. */
  isReordered: boolean;
  /** Parts besides the rules. */
  partsChanged: string[];
}

export function changesBetween(before: JsonObject, after: JsonObject): PolicyChanges {
  const [old, now] = [rulesOf(before), rulesOf(after)];
  const kept = [...now.keys()].filter((id) => old.has(id));
  const keptBefore = [...old.keys()].filter((id) => now.has(id));
  const parts = new Set([...Object.keys(before), ...Object.keys(after)]);
  parts.delete("rules");
  return {
    rulesAdded: [...now.keys()].filter((id) => !old.has(id)),
    rulesRemoved: [...old.keys()].filter((id) => !now.has(id)),
    rulesChanged: kept.filter((id) => old.get(id) !== now.get(id)),
    isReordered: kept.some((id, index) => id !== keptBefore[index]),
    partsChanged: [...parts].filter((part) => textOf(before[part]) !== textOf(after[part])),
  };
}

/** Rules by id, each as canonical text. A document of an unknown shape has none. */
function rulesOf(document: JsonObject): Map<string, string> {
  const rules = document["rules"];
  if (!Array.isArray(rules)) return new Map();
  return new Map(
    rules.flatMap((rule) => {
      const id = typeof rule === "object" && rule !== null && !Array.isArray(rule) ? rule["id"] : undefined;
      return typeof id === "string" ? [[id, textOf(rule)] as const] : [];
    }),
  );
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined ? "" : canonicalJson(value);
}
