/** What well-known scopes let an app do, in words. What is not here is shown as the provider writes it. */
const SCOPE_WORDS: Readonly<Record<string, string>> = {
  openid: "know who you are",
  profile: "see your name and picture",
  email: "see your email address",
  offline_access: "keep the access until you take it back",
  "https://www.googleapis.com/auth/calendar": "see and change your calendars",
  "https://www.googleapis.com/auth/calendar.readonly": "see your calendars",
  "https://www.googleapis.com/auth/calendar.events": "see and change events of your calendars",
  "https://www.googleapis.com/auth/calendar.events.readonly": "see events of your calendars",
  "https://www.googleapis.com/auth/gmail.readonly": "read your email",
  "https://www.googleapis.com/auth/gmail.send": "send email in your name",
  "https://www.googleapis.com/auth/gmail.modify": "read, write and sort your email",
  "https://www.googleapis.com/auth/drive": "see, change and delete all your files",
  "https://www.googleapis.com/auth/drive.readonly": "see all your files",
  "https://www.googleapis.com/auth/drive.file": "see and change files that you open with it",
  "https://www.googleapis.com/auth/userinfo.email": "see your email address",
  "https://www.googleapis.com/auth/userinfo.profile": "see your name and picture",
  repo: "read and change all your repositories, private ones too",
  public_repo: "read and change your public repositories",
  "read:user": "read your profile",
  "user:email": "see your email address",
  "read:org": "see which organisations you belong to",
  gist: "create and change gists",
  workflow: "change workflows of your repositories",
  "chat:write": "send messages",
  "channels:read": "see the list of public channels",
  "channels:history": "read messages of public channels",
  "users:read": "see the people of the workspace",
  "im:write": "start direct messages",
  "User.Read": "read your profile",
  "Calendars.Read": "see your calendars",
  "Calendars.ReadWrite": "see and change your calendars",
  "Mail.Read": "read your email",
  "Mail.Send": "send email in your name",
  "Files.Read": "see your files",
  "Files.ReadWrite": "see and change your files",
  "calendar.read": "see your calendar",
  "calendar:read": "see your calendar",
  "calendar.write": "see and change your calendar",
  "calendar:write": "see and change your calendar",
};

/** `scope` in words, or undefined where only its own name is known. */
export function scopeInWords(scope: string, own: Readonly<Record<string, string>> = {}): string | undefined {
  if (Object.hasOwn(own, scope)) return own[scope];
  return Object.hasOwn(SCOPE_WORDS, scope) ? SCOPE_WORDS[scope] : undefined;
}
