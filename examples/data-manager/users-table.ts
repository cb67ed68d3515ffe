import type { SetupContext } from "holdpoint";

/** How many users a fresh example has. */
export const USER_COUNT = 300;

/** Marks the table as this example's, so that another app's `users` is never touched. */
const MARK = "Holdpoint example data-manager";

/** Makes and fills `public.users` where it is absent. Throws when there is one that is not the example's. */
export async function setUpUsers({ database, log }: SetupContext): Promise<void> {
  const [found] = await database.query<{ mark: string | null }>(
    "select obj_description(oid, 'pg_class') as mark from pg_class where oid = to_regclass('public.users')",
  );
  if (found !== undefined && found.mark !== MARK) {
    throw new Error(
      "This database has a table public.users that is not the example's. Use another database for the example.",
    );
  }
  if (found === undefined) {
    await database.query(`create table public.users (
      id integer primary key,
      name text not null,
      email text not null unique,
      status text not null check (status in ('active', 'inactive', 'invited')),
      last_seen_at timestamptz not null
    )`);
    await database.query(`comment on table public.users is '${MARK}'`);
    await fill({ database, log });
    log(`The users table has ${USER_COUNT} rows.`);
  }
  await database.query("grant select, delete on public.users to hp_tools");
}

/** Puts all rows back as they were at first. */
export async function reseedUsers(context: SetupContext): Promise<void> {
  await setUpUsers(context);
  await context.database.query("delete from public.users");
  await fill(context);
  context.log(`The users table has ${USER_COUNT} rows again.`);
}

async function fill({ database }: SetupContext): Promise<void> {
  const users = makeUsers();
  await database.query(
    `insert into public.users (id, name, email, status, last_seen_at)
     select * from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])`,
    [
      users.map(({ id }) => id),
      users.map(({ name }) => name),
      users.map(({ email }) => email),
      users.map(({ status }) => status),
      users.map(({ lastSeenAt }) => lastSeenAt),
    ],
  );
}

interface User {
  id: number;
  name: string;
  email: string;
  status: "active" | "inactive" | "invited";
  lastSeenAt: string;
}

const GIVEN =
  "Amara Björn Chiara Dmitri Elena Farid Grace Hana Ivan Jonas Keiko Lucía Mateo Nadia Oskar Priya Quentin Rosa Samir Tove".split(
    " ",
  );
const FAMILY =
  "Almeida Bauer Costa Dahl Eriksen Fischer Garcia Haddad Ito Jansen Kowalski Lindqvist Moreau Novak Okafor".split(
    " ",
  );
const NEWEST = Date.UTC(2026, 9, 31, 18);
const DAY_MS = 86_400_000;

/** The same users every time: each given name with each family name, seen over the last three years. */
function makeUsers(): User[] {
  let state = 20_261_101;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647; // Lehmer's generator: small, and the same on every machine
    return state / 2_147_483_647;
  };
  return Array.from({ length: USER_COUNT }, (_, index) => {
    const given = GIVEN[index % GIVEN.length] ?? "";
    const family = FAMILY[Math.floor(index / GIVEN.length) % FAMILY.length] ?? "";
    const daysAgo = random() ** 2 * 1_100; // most were here lately
    const plain = `${given}.${family}`
      .normalize("NFD")
      .replace(/[^A-Za-z.]/g, "")
      .toLowerCase();
    return {
      id: index + 1,
      name: `${given} ${family}`,
      email: `${plain}@example.com`,
      status: daysAgo > 365 ? "inactive" : random() < 0.05 ? "invited" : "active",
      lastSeenAt: new Date(NEWEST - daysAgo * DAY_MS).toISOString(),
    };
  });
}
