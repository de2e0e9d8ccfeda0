/** `order:cancel`, or `order:cancel:own` for what is one's own. */
export function isPermission(text: string): boolean {
  return /^[a-z_]{1,40}:[a-z_]{1,40}(:own)?$/.test(text);
}

/** Who may do it to everybody's may do it to their own. */
export function allows(held: readonly string[], asked: string): boolean {
  return held.includes(asked) || (asked.endsWith(OWN) && held.includes(asked.slice(0, -OWN.length)));
}

const OWN = ':own';
