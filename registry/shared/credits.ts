import { tagOf } from "./tags.ts";

/** The namespaces of people, and the words in the name of a role that say so. The first that fits counts. */
const ROLES: readonly (readonly [namespace: string, words: RegExp])[] = [
  ["translator", /translat/],
  ["letterer", /letter/],
  ["editor", /edit/],
  ["writer", /writ|script|story|plot|author|adapt/],
  [
    "artist",
    /art|pencil|ink|color|colour|cover|illustrat|draw|breakdown|layout|embellish|finish|gray tone|photo|paint/,
  ],
];

/** The namespace for a role such as `Penciller` or `Cover Artist`; `staff` for one that neither writes nor draws. */
export const namespaceOfRole = (role: string): string =>
  ROLES.find(([, words]) => words.test(role.toLowerCase()))?.[0] ?? "staff";

/** The tags of a person with these roles, such as `artist:A. Name`; none without a name. */
export const creditTags = (person: string, roles: readonly string[]): string[] =>
  person.trim() === "" ? [] : [...new Set(roles.map(namespaceOfRole))].map((name) => tagOf(name, person));
