import { beforeEach, expect, test, vi } from 'vitest';
import type { Outside } from '../../src/app/notice-new-version.ts';

vi.stubGlobal('BroadcastChannel', class extends EventTarget {});
const { noticeNewVersion } = await import('../../src/app/notice-new-version.ts');

/** A tab before a gateway that serves a build: who looks, what is under way, and what comes of it. */
function tab() {
  const world = {
    served: 'one' as string | undefined,
    hidden: false,
    busy: false,
    reloads: 0,
    said: [] as { label: string; run: () => void }[],
    reloadedFor: null as string | null,
    timers: [] as (() => void)[],
    looks: [] as (() => void)[],
    visibility: [] as (() => void)[],
  };
  const outside: Outside = {
    servedBuild: async () => world.served,
    isHidden: () => world.hidden,
    onVisibility: (listener) => void world.visibility.push(listener),
    isAnythingUnderWay: () => world.busy,
    say: (_, act) => void world.said.push(act),
    reload: () => void (world.reloads += 1),
    later: (work) => void world.timers.push(work),
    every: (work) => void world.looks.push(work),
    reloadedFor: { read: () => world.reloadedFor, write: (build) => void (world.reloadedFor = build) },
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const look = async (): Promise<void> => {
    for (const each of world.looks) each();
    await settled();
  };
  const turn = async (hidden: boolean): Promise<void> => {
    world.hidden = hidden;
    for (const each of world.visibility) each();
    await settled();
  };
  const wait = (): void => {
    for (const each of world.timers.splice(0)) each();
  };
  return { world, outside, look, turn, wait, settled };
}

let here: ReturnType<typeof tab>;
beforeEach(async () => {
  here = tab();
  noticeNewVersion(here.outside);
  await here.settled();
});

test('a new version is said once, and loaded when whoever is here wants it', async () => {
  await here.look();
  expect(here.world.said).toEqual([]);
  here.world.served = 'two';
  await here.look();
  await here.look();
  expect(here.world.said).toHaveLength(1);
  expect(here.world.reloads).toBe(0);
  here.world.said[0]?.run();
  expect(here.world.reloads).toBe(1);
});

test('it is loaded by itself once nobody has looked for a while and nothing is under way', async () => {
  here.world.served = 'two';
  await here.look();
  await here.turn(true);
  expect(here.world.reloads).toBe(0);
  here.wait();
  expect(here.world.reloads).toBe(1);
});

test('whoever comes back in time finds the page as it was', async () => {
  here.world.served = 'two';
  await here.look();
  await here.turn(true);
  await here.turn(false);
  here.wait();
  expect(here.world.reloads).toBe(0);
});

test('what is typed or sent is never lost, and the page waits until it is done', async () => {
  here.world.served = 'two';
  here.world.busy = true;
  await here.look();
  await here.turn(true);
  here.wait();
  expect(here.world.reloads).toBe(0);
  here.world.busy = false;
  await here.look();
  expect(here.world.reloads).toBe(1);
});

test('one that comes while nobody looks is loaded at once', async () => {
  await here.turn(true);
  here.world.served = 'two';
  await here.look();
  expect(here.world.reloads).toBe(1);
});

test('two gateways with two builds do not send a page back and forth', async () => {
  await here.turn(true);
  here.world.served = 'two';
  await here.look();
  // The tab was loaded anew, from the gateway with the older build.
  const again = tab();
  again.world.reloadedFor = here.world.reloadedFor;
  again.world.hidden = true;
  noticeNewVersion(again.outside);
  await again.settled();
  again.world.served = 'two';
  await again.look();
  expect(again.world.reloads).toBe(0);
  expect(again.world.said).toHaveLength(1);
});

test('a gateway that does not answer is no new version', async () => {
  here.world.served = undefined;
  await here.turn(true);
  await here.look();
  here.wait();
  expect([here.world.reloads, here.world.said]).toEqual([0, []]);
});
