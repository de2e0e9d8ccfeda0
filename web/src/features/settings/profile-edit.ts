/** A profile under way: from which version, what is in the fields, and where it and what was saved elsewhere are not one. */
export interface Edit<Name extends string> {
  readonly version: number;
  readonly base: Values<Name>;
  readonly draft: Values<Name>;
  readonly both: Partial<Record<Name, Both>>;
}

export type Values<Name extends string> = Readonly<Record<Name, string>>;

export interface Both {
  readonly yours: string;
  readonly theirs: string;
  /** Until somebody has said which, nothing is saved. */
  readonly isChosen: boolean;
}

export function editOf<Name extends string>(values: Values<Name>, version: number): Edit<Name> {
  return { version, base: values, draft: values, both: {} };
}

/** The same upon what was saved elsewhere: what only one side has changed is theirs or yours, what both have is for a person to say. */
export function rebased<Name extends string>(edit: Edit<Name>, saved: Values<Name>, version: number): Edit<Name> {
  const draft: Record<Name, string> = { ...edit.draft };
  const both: Partial<Record<Name, Both>> = {};
  for (const name of Object.keys(saved) as Name[]) {
    const [was, yours, theirs] = [edit.base[name], edit.draft[name], saved[name]];
    if (yours === theirs) continue;
    if (edit.both[name]?.isChosen === false || (yours !== was && theirs !== was)) {
      both[name] = { yours, theirs, isChosen: false };
    } else if (yours === was) draft[name] = theirs;
  }
  return { version, base: saved, draft, both };
}

export function typed<Name extends string>(edit: Edit<Name>, name: NoInfer<Name>, value: string): Edit<Name> {
  return { ...edit, draft: { ...edit.draft, [name]: value } };
}

export function chosen<Name extends string>(edit: Edit<Name>, name: NoInfer<Name>, value: string): Edit<Name> {
  const asked = edit.both[name];
  if (asked === undefined) return edit;
  return { ...typed(edit, name, value), both: { ...edit.both, [name]: { ...asked, isChosen: true } } };
}

/** What one has typed while it was sent is still to be saved. */
export function afterSaving<Name extends string>(
  edit: Edit<Name>,
  sent: Partial<Record<Name, string>>,
  saved: Values<Name>,
  version: number,
): Edit<Name> {
  const known = Object.fromEntries(
    (Object.keys(saved) as Name[]).map((name) => [name, sent[name] ?? edit.base[name]]),
  ) as Values<Name>;
  return rebased({ ...edit, base: known, both: {} }, saved, version);
}

/** What would be saved. */
export function changesOf<Name extends string>({ base, draft }: Edit<Name>): Partial<Record<Name, string>> {
  const names = (Object.keys(draft) as Name[]).filter((name) => draft[name].trim() !== base[name]);
  return Object.fromEntries(names.map((name) => [name, draft[name].trim()])) as Partial<Record<Name, string>>;
}
