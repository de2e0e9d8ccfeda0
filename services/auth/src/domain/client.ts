/** Where a call comes from, as the gateway saw it. */
export interface Client {
  readonly address: string;
  readonly userAgent: string;
}

const MAX_ADDRESS = 64;
const MAX_USER_AGENT = 256;

/** The user agent is whatever the caller sent: bounded, and without what could disturb a terminal. */
export function newClient(address: string, userAgent: string): Client {
  return { address: clean(address, MAX_ADDRESS), userAgent: clean(userAgent, MAX_USER_AGENT) };
}

function clean(text: string, max: number): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, '')
    .trim()
    .slice(0, max);
}
