const MOST_TRIES = 4;
const LONGEST_WAIT_S = 3;

/**
 * A page that opens asks for much at once. Who is turned away at the door (429) was not heard at all, so a change may be sent
 * again as safely as a question, and waits for its turn as long as that is soon.
 */
export async function patiently(
  send: () => Promise<Response>,
  pause: (ms: number) => Promise<void>,
): Promise<Response> {
  for (let tryNumber = 1; ; tryNumber += 1) {
    const response = await send();
    const waitS = Number(response.headers.get('retry-after') ?? 0);
    if (response.status !== 429 || waitS > LONGEST_WAIT_S || tryNumber === MOST_TRIES) return response;
    // Those who were turned away together do not come back together.
    await pause(Math.max(waitS, 0.25) * 1000 * (1 + Math.random() / 2));
  }
}
