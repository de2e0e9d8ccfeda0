import type { AnyVariables, Client, CombinedError } from '@urql/core';

/**
 * Sending what must happen exactly once. The id of an intent is made with the intent and goes with every try, so a second try
 * is the same order; it is given up only when somebody answered. Without an answer the outcome is unknown, never "failed".
 */
export type Outcome<Data> =
  | { kind: 'answered'; data: Data }
  | { kind: 'refused'; error: CombinedError }
  | { kind: 'unknown' };

export interface Pace {
  tries: number;
  pause: (tryNumber: number) => Promise<void>;
}

/** 300 ms to 5 s, with jitter. */
export const usualPace: Pace = {
  tries: 5,
  pause: (tryNumber) =>
    new Promise((resolve) => {
      setTimeout(resolve, Math.min(5000, 300 * 2 ** tryNumber) * (0.7 + Math.random() * 0.3));
    }),
};

export async function sendOnce<Data>(
  client: Pick<Client, 'mutation'>,
  document: { toString(): string },
  variables: AnyVariables,
  pace: Pace = usualPace,
): Promise<Outcome<Data>> {
  for (let tryNumber = 0; tryNumber < pace.tries; tryNumber += 1) {
    if (tryNumber > 0) await pace.pause(tryNumber - 1);
    const { data, error } = await client.mutation(String(document), variables).toPromise();
    const answer = data == null ? undefined : (Object.values(data as object)[0] as unknown);
    if (answer != null) return { kind: 'answered', data: data as Data };
    if (error !== undefined && !mayBeSentAgain(error)) return { kind: 'refused', error };
  }
  return { kind: 'unknown' };
}

/** Only where nobody answered, or who answered says that it may yet go: any other answer ends it. */
export function mayBeSentAgain(error: CombinedError): boolean {
  const status = (error.response as Response | undefined)?.status;
  if (error.networkError !== undefined && status === undefined) return true;
  if (status !== undefined && status >= 502 && status <= 504) return true;
  return error.graphQLErrors.some(({ extensions }) => extensions['code'] === 'UNAVAILABLE');
}

/** What was meant and not yet answered, kept through a reload of the page. */
export interface Intent<Body> {
  id: string;
  body: Body;
  /** Set once a try is under way: from then on it may have been heard. */
  isSent: boolean;
}

export interface IntentStore<Body> {
  read: () => Intent<Body> | undefined;
  write: (intent: Intent<Body>) => void;
  drop: () => void;
}

export function intentStore<Body>(name: string, isBody: (value: unknown) => value is Body): IntentStore<Body> {
  const key = `andvari.intent.${name}`;
  return {
    read: () => {
      try {
        const value = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Partial<Intent<unknown>> | null;
        if (value === null || typeof value.id !== 'string' || !isBody(value.body)) return undefined;
        return { id: value.id, body: value.body, isSent: value.isSent === true };
      } catch {
        return undefined;
      }
    },
    write: (intent) => sessionStorage.setItem(key, JSON.stringify(intent)),
    drop: () => sessionStorage.removeItem(key),
  };
}

export const newIntentId = (): string => crypto.randomUUID();
