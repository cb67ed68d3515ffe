/** Somebody with an account at the sign-in service and a calendar behind it. */
export interface DemoPerson {
  id: string;
  name: string;
  email: string;
}

/** Who can sign in. No passwords: whoever reaches the loopback address may be either. */
export const PEOPLE: readonly DemoPerson[] = [
  { id: "anna", name: "Anna Berg", email: "anna@example.com" },
  { id: "ben", name: "Ben Okoro", email: "ben@example.com" },
];

export function findPerson(id: string | undefined): DemoPerson | undefined {
  return PEOPLE.find((person) => person.id === id);
}
