import { Worker } from 'node:worker_threads';
import { eventually } from '@andvari/kit/testing/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Attack } from './attacker.ts';
import type { Answer, Browser, Reply } from './browser.ts';
import { PASSWORD, type People, type Person, peopleOf } from './people.ts';
import { identityServices, type System, startSystem } from './system.ts';

/** Guessing at the door, with the limits as they are by default: stopped where it comes from, and felt by nobody else. */
const LOGINS_PER_ADDRESS = 20;
const GUESSES_PER_ACCOUNT = 5;

let system: System;
let people: People;

beforeAll(async () => {
  system = await startSystem(identityServices);
  people = peopleOf(system);
});
afterAll(() => system.close());

test('a flood from one address ends in 429 with the time to wait, and others sign in and read meanwhile', async () => {
  const [target, reader, other] = [await people.registered(), await people.registered(), await people.registered()];
  const attacker = people.visitor();
  const begun = performance.now();
  const answers = await floodUntil(attacker, async () => {
    for (let times = 0; times < 3; times += 1) {
      const { data } = await unlessPutOff(() => reader.browser.ask('{ me { userId } }'));
      expect(data).toEqual({ me: { userId: reader.userId } });
      const who = { email: other.email, password: PASSWORD };
      expect((await unlessPutOff(() => other.browser.post('/auth/login', who))).status).toBe(200);
    }
  });
  const [refused, heard] = [refusedOf(answers), heardOf(answers)];
  // What the bucket gets back during the flood is let in again; who is let in may still be put off, further inside.
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(LOGINS_PER_ADDRESS);
  expect(heard.length).toBeLessThanOrEqual(mayPassSince(begun));
  for (const answer of refused) expectToldWhen(answer);
  expect(refused[0]?.headers.get('x-ratelimit-limit')).toBe(String(LOGINS_PER_ADDRESS));
  expect(refused[0]?.headers.get('x-ratelimit-remaining')).toBe('0');
  // The right password does not help from there, and is as good as ever from home.
  const right = { email: target.email, password: PASSWORD };
  const tries = await Promise.all(
    Array.from({ length: 60 }, () => unlessPutOff(() => attacker.post('/auth/login', right))),
  );
  expect(refusedOf(tries).length).toBeGreaterThan(0);
  expect(heardOf([...answers, ...tries]).length).toBeLessThanOrEqual(mayPassSince(begun));
  expect((await unlessPutOff(() => target.browser.post('/auth/login', right))).status).toBe(200);
});

/** Guesses from one address, forty at any time, for as long as others are busy: behind a flood that lasts nobody would ever come through. */
async function floodUntil(attacker: Browser, others: () => Promise<void>): Promise<Answer[]> {
  const answers: Answer[] = [];
  const over = new AbortController();
  let [guess, refused] = [0, 0];
  const guessOn = async (): Promise<void> => {
    do {
      guess += 1;
      const wrong = { email: `nobody-${guess}@example.com`, password: `wrong password ${guess}` };
      const answer = await attacker.post('/auth/login', wrong);
      answers.push(answer);
      if (answer.status === 429) refused += 1;
    } while (!over.signal.aborted || refused === 0);
  };
  const flood = Promise.all(Array.from({ length: 40 }, guessOn));
  await others().finally(() => over.abort());
  await flood;
  return answers;
}

/** What a gateway that is behind has put off (503) was not heard, and is asked again, as clients do. */
function unlessPutOff<A extends Answer>(ask: () => Promise<A>): Promise<A> {
  return eventually(async () => {
    const answer = await ask();
    expect(answer.status).not.toBe(503);
    return answer;
  });
}

function refusedOf(answers: readonly Answer[]): Answer[] {
  return answers.filter(({ status }) => status === 429);
}

/** Let in by the limit of the door. */
function heardOf(answers: readonly Answer[]): Answer[] {
  return answers.filter(({ status }) => status !== 429 && status !== 503);
}

/** What is in the bucket at first, and what it gets back in the time that it took. */
function mayPassSince(begun: number): number {
  return LOGINS_PER_ADDRESS * (1 + (performance.now() - begun) / 60_000) + 1;
}

test('guesses at one account from everywhere lock it for strangers, and not for its owner', async () => {
  const [target, other] = [await people.registered(), await people.registered()];
  const { email } = target;
  const guess = (password: string): Promise<Answer> =>
    unlessPutOff(() => people.visitor().post('/auth/login', { email, password }));
  const answers = await Promise.all(Array.from({ length: 15 }, (_, at) => guess(`wrong password ${at}`)));
  const refused = refusedOf(answers);
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(GUESSES_PER_ACCOUNT);
  expect(refused).toHaveLength(answers.length - GUESSES_PER_ACCOUNT);
  for (const answer of refused) expectToldWhen(answer);
  expect((await guess(PASSWORD)).status).toBe(429);

  const { data } = await unlessPutOff(() => target.browser.ask('{ me { userId } }'));
  expect(data).toEqual({ me: { userId: target.userId } });
  const signIn = (who: Browser, as: string): Promise<Answer> =>
    unlessPutOff(() => who.post('/auth/login', { email: as, password: PASSWORD }));
  expect((await signIn(target.browser, email)).status).toBe(200);
  expect((await signIn(people.visitor(), other.email)).status).toBe(200);
});

test('an account that is not there is locked like one that is', async () => {
  const guess = { email: 'not-there@example.com', password: 'a guess like another' };
  const statuses: number[] = [];
  for (let time = 0; time < GUESSES_PER_ACCOUNT + 2; time += 1) {
    statuses.push((await unlessPutOff(() => people.visitor().post('/auth/login', guess))).status);
  }
  expect(statuses).toEqual([...Array<number>(GUESSES_PER_ACCOUNT).fill(401), 429, 429]);
});

test('a user who asks too much is stopped, with the time to wait, and the next is not', async () => {
  const [eager, other] = [await people.registered(), await people.registered()];
  // Each new to the gateway and worth several, so that no machine is too slow to ask for more than comes back meanwhile. Not all
  // at once: a slow one would put most of them off unheard.
  const costly = `{ ${'health '.repeat(35)} }`;
  const refused: Reply[] = [];
  for (let asked = 0; asked < 4000 && refused.length <= 20; asked += 100) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => eager.browser.ask(`${costly} # ${asked + at}`)),
    );
    refused.push(...answers.filter(({ status }) => status === 429));
  }
  expect(refused.length).toBeGreaterThan(20);
  for (const answer of refused) expectToldWhen(answer);
  expect(refused[0]?.errors[0]?.extensions).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  // A limit would hold the other for a minute.
  expect((await unlessPutOff(() => other.browser.ask('{ health }'))).status).toBe(200);
});

test('a query made to be costly, as often as one stranger may ask, slows nobody down', async () => {
  const costly = `{ ${'me { userId } '.repeat(240)} }`;
  // A machine that does something else for a moment must not decide; a gateway that is stopped by it fails every time.
  const ratios: number[] = [];
  while (ratios.length < 10 && !ratios.some((ratio) => ratio < 3)) {
    const alone = await slowest(await people.registered());
    const answers = new Uint32Array(new SharedArrayBuffer(600 * Uint32Array.BYTES_PER_ELEMENT));
    const attack: Attack = { url: system.url, query: costly, perSecond: 100, answers };
    const attacker = new Worker(new URL('attacker.ts', import.meta.url), { workerData: attack });
    const victim = await people.registered();
    await eventually(() => expect(answers[400]).toBeGreaterThan(10));
    const attacked = await slowest(victim);
    await attacker.terminate();
    expect(answers[200]).toBe(0);
    ratios.push(attacked / alone);
  }
  expect(Math.min(...ratios)).toBeLessThan(3);
}, 300_000);

/** How long somebody waits who asks for what every page asks for, in the worst of a hundred times. */
async function slowest({ browser, userId }: Person): Promise<number> {
  const tookMs: number[] = [];
  for (let ask = 0; ask < 200; ask += 1) {
    const begun = performance.now();
    const { data } = await browser.ask('{ me { userId } }');
    tookMs.push(performance.now() - begun);
    expect(data).toEqual({ me: { userId } });
  }
  return tookMs.toSorted((a, b) => b - a)[1] ?? Number.POSITIVE_INFINITY;
}

function expectToldWhen({ headers }: Answer): void {
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  for (const name of ['limit', 'remaining', 'reset']) {
    expect(headers.get(`x-ratelimit-${name}`), name).toMatch(/^\d+$/);
  }
}
