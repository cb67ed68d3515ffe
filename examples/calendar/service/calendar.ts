export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface CalendarEvent {
  id: string;
  day: Weekday;
  time: string;
  title: string;
}

export interface Contact {
  name: string;
  email: string;
}

interface Weekly {
  events: CalendarEvent[];
  contacts: readonly Contact[];
  /** Events made under a key, so that a request that is repeated makes one. */
  made: Map<string, CalendarEvent>;
}

const EVENTS: Record<string, readonly (readonly [Weekday, string, string])[]> = {
  anna: [
    ["monday", "09:00", "Team meeting"],
    ["monday", "14:00", "Dentist"],
    ["tuesday", "10:00", "Interview with a candidate"],
    ["thursday", "16:30", "School play"],
  ],
  ben: [
    ["monday", "11:00", "Piano lesson"],
    ["wednesday", "08:30", "Train to Leeds"],
  ],
};

const CONTACTS: readonly Contact[] = [
  { name: "Anna Berg", email: "anna@example.com" },
  { name: "Anna Costa", email: "anna.costa@example.net" },
  { name: "Ben Okoro", email: "ben@example.com" },
  { name: "Chiara Novak", email: "chiara@example.org" },
];

/** Everybody's week. In memory: a new start has the same weeks again. */
export class Calendar {
  readonly #weeks = new Map<string, Weekly>();
  #count = 0;

  /** In order of time. */
  list(person: string, day: Weekday): CalendarEvent[] {
    return this.#week(person)
      .events.filter((event) => event.day === day)
      .sort((a, b) => a.time.localeCompare(b.time));
  }

  /** The same event again for a key that was used before. */
  add(person: string, event: Omit<CalendarEvent, "id">, key: string | undefined): CalendarEvent {
    const week = this.#week(person);
    const before = key === undefined ? undefined : week.made.get(key);
    if (before !== undefined) return before;
    const made = this.#make(event);
    week.events.push(made);
    if (key !== undefined) week.made.set(key, made);
    return made;
  }

  /** False when there is none of that id. */
  remove(person: string, id: string): boolean {
    const week = this.#week(person);
    const index = week.events.findIndex((event) => event.id === id);
    if (index === -1) return false;
    week.events.splice(index, 1);
    return true;
  }

  findContacts(person: string, name: string): Contact[] {
    const wanted = name.trim().toLowerCase();
    return this.#week(person).contacts.filter((contact) => contact.name.toLowerCase().includes(wanted));
  }

  #week(person: string): Weekly {
    const known = this.#weeks.get(person);
    if (known !== undefined) return known;
    const events = (EVENTS[person] ?? []).map(([day, time, title]) => this.#make({ day, time, title }));
    const week: Weekly = { events, contacts: CONTACTS, made: new Map() };
    this.#weeks.set(person, week);
    return week;
  }

  #make(event: Omit<CalendarEvent, "id">): CalendarEvent {
    this.#count += 1;
    return { id: `event_${this.#count}`, ...event };
  }
}
