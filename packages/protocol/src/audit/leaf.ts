// What an entry of the log consists of: the canonical JSON (RFC 8785) of an event, in which whatever may be about a
// person stands as a salted commitment. The clear values and their salts are kept beside it. Erase them, and the entry,
// its hash and every proof about it stay as they are.
import { canonicalJson } from "../canonical-json.ts";
import type { HoldpointEvent } from "../event.ts";
import { isJsonObject, type JsonValue } from "../json-value.ts";
import { portableHasher, type Hasher } from "./hasher.ts";
import { leafHash } from "./merkle.ts";
import { ProofError } from "./proof-error.ts";

/**
 * The members that are committed to, wherever they are not null. `data` holds everything that agents and people wrote:
 * arguments, titles, questions, answers, results. `actionHash` is one of them because arguments with few possible values
 * could be guessed from it. Of `actor`, only people: an agent's id and name come from the config file.
 */
export const COMMITTED_PATHS = [
  "actionHash",
  "actor.id",
  "actor.name",
  "data",
  "endUserId",
  "rationale",
  "sessionId",
] as const;
export type CommittedPath = (typeof COMMITTED_PATHS)[number];

/** Version of the entry's shape; part of the entry. */
const LEAF_VERSION = 1;

/** How the committed members of one entry open. */
export interface Opening {
  /** 16 random bytes in hexadecimal, from which the salt of each member is made. Absent once something was erased. */
  salt?: string | undefined;
  /** Salts of the members that were kept when others were erased. */
  salts?: Partial<Record<CommittedPath, string>> | undefined;
  /** Commitments to the members that were erased. */
  erased?: Partial<Record<CommittedPath, string>> | undefined;
}

/** An entry as it goes into the tree, with what opens it. */
export interface SealedEntry {
  /** Canonical JSON: the bytes that are hashed. */
  text: string;
  hash: Uint8Array;
  /** Canonical JSON of `[salt, path, value]` for each committed member whose value is still there. */
  disclosures: string[];
}

/** Makes the entry of an event. The same event and opening always give the same bytes. */
export function sealEntry(
  orgId: string,
  event: HoldpointEvent,
  opening: Opening,
  hasher: Hasher = portableHasher,
): SealedEntry {
  const disclosures: string[] = [];
  const commit = (path: CommittedPath, value: JsonValue): string => {
    const erased = opening.erased?.[path];
    if (erased !== undefined) return `{"commitment":${JSON.stringify(erased)}}`;
    if (value === null) return "null";
    const disclosure = `[${JSON.stringify(saltOf(opening, path, hasher))},"${path}",${canonicalJson(value)}]`;
    disclosures.push(disclosure);
    return `{"commitment":"${hasher.text(disclosure)}"}`;
  };
  const text = renderLeaf(orgId, event, commit);
  return { text, hash: leafHash(text, hasher), disclosures };
}

/** The salt of one member: telling it tells nothing of the others'. */
export function saltOf(opening: Opening, path: CommittedPath, hasher: Hasher = portableHasher): string {
  const kept = opening.salts?.[path];
  if (kept !== undefined) return kept;
  if (opening.salt === undefined) throw new TypeError(`There is no salt for ${path}.`);
  return hasher.text(`${opening.salt}/${path}`).slice(0, 22);
}

/** Members in the order of RFC 8785, written out because every event passes here. */
function renderLeaf(
  orgId: string,
  event: HoldpointEvent,
  commit: (path: CommittedPath, value: JsonValue) => string,
): string {
  const { actor } = event;
  const id = actor.kind === "end_user" ? commit("actor.id", actor.id) : plain(actor.id);
  const name = isPerson(actor.kind) ? commit("actor.name", actor.name) : plain(actor.name);
  return (
    `{"actionHash":${commit("actionHash", event.actionHash)},"actionName":${plain(event.actionName)}` +
    `,"actor":{"id":${id},"kind":${plain(actor.kind)},"name":${name}}` +
    `,"agentId":${plain(event.agentId)},"createdAt":${plain(event.createdAt)}` +
    `,"data":${commit("data", event.data)},"decision":${plain(event.decision)}` +
    `,"endUserId":${commit("endUserId", event.endUserId)},"holdId":${plain(event.holdId)}` +
    `,"id":${plain(event.id)},"orgId":${plain(orgId)},"rationale":${commit("rationale", event.rationale)}` +
    `,"runId":${plain(event.runId)},"sessionId":${commit("sessionId", event.sessionId)}` +
    `,"toolCallId":${plain(event.toolCallId)},"type":${plain(event.type)},"v":${LEAF_VERSION}}`
  );
}

function isPerson(kind: string): boolean {
  return kind === "member" || kind === "end_user";
}

function plain(value: string | null): string {
  return canonicalJson(value);
}

/** An entry that was checked against its disclosures. */
export interface OpenedEntry {
  /** The event, with null for what was erased or is not disclosed. */
  event: { [member: string]: JsonValue };
  /** What was erased or is not disclosed. */
  withheld: string[];
}

const COMMITMENT = /^[\w-]{43}$/;
/** How a disclosure begins: its salt, and the member that it is of. */
const DISCLOSURE = /^\["[\w-]{22}","([A-Za-z.]{1,20})",/;

/**
 * Makes sure that each disclosure is what the entry commits to, and says what is left without one. Throws ProofError
 * `wrong_entry`.
 *
 * `text` and `disclosures` are the bytes that were hashed. That `text` is in the tree is for its proof to say. Values
 * are not parsed: the commitment is to their bytes.
 */
export function checkEntry(
  text: string,
  disclosures: readonly string[],
  hasher: Hasher = portableHasher,
): { leaf: { [member: string]: JsonValue }; withheld: string[] } {
  const leaf = parseObject(text);
  const commitments = commitmentsOf(leaf);
  for (const disclosure of disclosures) {
    const [, path] = DISCLOSURE.exec(disclosure) ?? [];
    if (path === undefined) throw wrongEntry("Something that comes with it is not [salt, member, value].");
    if (commitments.get(path) !== hasher.text(disclosure)) {
      throw wrongEntry(`The ${path} that comes with it is not the one that was recorded.`);
    }
    commitments.delete(path);
  }
  return { leaf, withheld: [...commitments.keys()] };
}

function commitmentsOf(leaf: { [member: string]: JsonValue }): Map<string, string> {
  const { actor } = leaf;
  if (leaf["v"] !== LEAF_VERSION || !isJsonObject(actor)) throw wrongEntry("It is not an entry of this log.");
  const commitments = new Map<string, string>();
  for (const path of COMMITTED_PATHS) {
    const member = path.startsWith("actor.") ? actor[path.slice("actor.".length)] : leaf[path];
    if (!isJsonObject(member)) continue;
    const { commitment } = member;
    if (typeof commitment !== "string" || !COMMITMENT.test(commitment)) {
      throw wrongEntry(`Its ${path} is neither a value nor a commitment.`);
    }
    commitments.set(path, commitment);
  }
  return commitments;
}

/** Like {@link checkEntry}, and puts the disclosed values into the entry. */
export function openEntry(
  text: string,
  disclosures: readonly string[],
  hasher: Hasher = portableHasher,
): OpenedEntry {
  const { leaf, withheld } = checkEntry(text, disclosures, hasher);
  for (const path of withheld) setMember(leaf, path, null);
  for (const disclosure of disclosures) {
    const { path, value } = parseDisclosure(disclosure);
    setMember(leaf, path, value);
  }
  return { event: leaf, withheld };
}

function setMember(leaf: { [member: string]: JsonValue }, path: string, value: JsonValue): void {
  if (!path.startsWith("actor.")) leaf[path] = value;
  else (leaf["actor"] as { [member: string]: JsonValue })[path.slice("actor.".length)] = value;
}

function parseDisclosure(text: string): { path: string; value: JsonValue } {
  const parsed = parse(text);
  if (Array.isArray(parsed) && parsed.length === 3) {
    const [salt, path, value] = parsed;
    if (typeof salt === "string" && typeof path === "string" && value !== undefined) return { path, value };
  }
  throw wrongEntry("Something that comes with it is not [salt, member, value].");
}

function parseObject(text: string): { [member: string]: JsonValue } {
  const value = parse(text);
  if (!isJsonObject(value)) throw wrongEntry("It is not a JSON object.");
  return value;
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw wrongEntry("It is not JSON.");
  }
}

function wrongEntry(message: string): ProofError {
  return new ProofError("wrong_entry", message);
}
