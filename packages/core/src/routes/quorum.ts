import type { Quorum, Route } from "@holdpoint/protocol";
import {
  entitlementsOf,
  waysOf,
  type Directory,
  type Entitlement,
  type Person,
  type Seat,
} from "./eligibility.ts";

/** What one person says. */
export interface Ballot {
  /** As they are now; null for somebody who has been removed. */
  person: Person | null;
  /** Yes to these bytes (any text that is the same for the same bytes); null is a no. */
  bytes: string | null;
  at: string;
}

/** A person who was counted, with the right that counted: what has to hold still when it is executed. */
export interface Witness extends Entitlement {
  /** Who decided. */
  by: string;
}

export interface Tally {
  /** `released`: enough people said yes to the same bytes. `refused`: enough noes. */
  result: "open" | "released" | "refused";
  /** People whose yes to the newest bytes counts. */
  yes: number;
  noes: number;
  /** Of a release: who was counted. */
  witnesses: Witness[];
}

export interface Count {
  route: Route;
  quorum: Quorum;
  createdAt: string;
  /** In the order in which they were given. */
  ballots: readonly Ballot[];
  directory: Directory;
  /** Whose right counts for nobody: of whoever asked, where they may not decide (I9). */
  isOut: (memberId: string) => boolean;
}

/**
 * Counts votes. One human counts once (I9): a later vote takes the place of the same person's earlier one, and what
 * somebody may decide only in another's place counts once for both: not when the other has voted, nor for a second stand-in
 * (it is the first's who needs it). With `allOf` every part needs a person of its own.
 *
 * Whoever lost their right since they voted counts no more; who was on call then still does.
 */
export function countVotes(count: Count): Tally {
  const latest = latestOfEach(count.ballots);
  const voters = withRights(count, latest);
  const noes = voters.filter(({ ballot }) => ballot.bytes === null).length;
  const bytes = count.ballots.at(-1)?.bytes ?? null;
  const yes = bytes === null ? [] : voters.filter(({ ballot }) => ballot.bytes === bytes);
  const tally = { yes: yes.length, noes, witnesses: [] };
  if (noes >= count.quorum.refusals) return { ...tally, result: "refused" };
  if (yes.length < count.quorum.required) return { ...tally, result: "open" };
  const at = count.ballots.at(-1)?.at ?? count.createdAt;
  for (const way of waysOf(count.route, { createdAt: count.createdAt, at })) {
    const seated = seat(way, yes);
    if (seated === undefined) continue;
    const others = yes.filter((voter) => !seated.some(({ by }) => by === voter.memberId));
    const more = others.slice(0, Math.max(0, count.quorum.required - seated.length)).flatMap(asWitness);
    return { ...tally, result: "released", witnesses: [...seated, ...more] };
  }
  return { ...tally, result: "open" };
}

interface Voter {
  memberId: string;
  ballot: Ballot;
  rights: Entitlement[];
}

function latestOfEach(ballots: readonly Ballot[]): (Ballot & { person: Person })[] {
  const latest = new Map<string, Ballot & { person: Person }>();
  for (const ballot of ballots) {
    if (ballot.person === null) continue;
    const { memberId } = ballot.person;
    latest.delete(memberId); // a Map keeps the place of a key that is set again
    latest.set(memberId, { ...ballot, person: ballot.person });
  }
  return [...latest.values()];
}

/** Each voter with the rights that count as theirs. Nobody who voted is stood in for, and nobody twice. */
function withRights(count: Count, latest: readonly (Ballot & { person: Person })[]): Voter[] {
  const taken = new Set(latest.map(({ person }) => person.memberId));
  const voters: Voter[] = [];
  for (const ballot of latest) {
    const { memberId } = ballot.person;
    const all = entitlementsOf(
      count.route,
      ballot.person,
      { createdAt: count.createdAt, at: ballot.at, directory: count.directory },
      count.isOut,
    );
    const rights = all.filter((right) => right.memberId === memberId);
    for (const right of all) {
      const isTheirs = rights.some((known) => known.memberId === right.memberId);
      const isNeeded = !rights.some((known) => known.leaf === right.leaf);
      if (right.memberId === memberId || !isNeeded || (taken.has(right.memberId) && !isTheirs)) continue;
      taken.add(right.memberId);
      rights.push(right);
    }
    if (rights.length > 0) voters.push({ memberId, ballot, rights });
  }
  return voters;
}

/** A different voter for every seat, by augmenting paths (Kuhn, 1955); undefined where there are not enough. */
function seat(seats: readonly Seat[], voters: readonly Voter[]): Witness[] | undefined {
  const seatOf = new Map<Voter, number>();
  for (const index of seats.keys()) if (!take(index, new Set())) return undefined;
  return [...seatOf].flatMap(([voter, index]) => {
    const right = rightFor(voter, seats[index] ?? []);
    return right === undefined ? [] : [{ ...right, by: voter.memberId }];
  });

  function take(index: number, asked: Set<Voter>): boolean {
    for (const voter of voters) {
      if (asked.has(voter) || rightFor(voter, seats[index] ?? []) === undefined) continue;
      asked.add(voter);
      const holds = seatOf.get(voter);
      if (holds !== undefined && !take(holds, asked)) continue;
      seatOf.set(voter, index);
      return true;
    }
    return false;
  }
}

function rightFor(voter: Voter, seatLeaves: Seat): Entitlement | undefined {
  return voter.rights.find((right) => seatLeaves.includes(right.leaf));
}

function asWitness({ memberId, rights }: Voter): Witness[] {
  return rights.slice(0, 1).map((right) => ({ ...right, by: memberId }));
}
