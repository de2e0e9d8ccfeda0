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

let it: ReturnType<typeof tab>;
beforeEach(async () => {
  it = tab();
  noticeNewVersion(it.outside);
  await it.settled();
});

test('a new version is said once, and loaded when whoever is here wants it', async () => {
  await it.look();
  expect(it.world.said).toEqual([]);
  it.world.served = 'two';
  await it.look();
  await it.look();
  expect(it.world.said).toHaveLength(1);
  expect(it.world.reloads).toBe(0);
  it.world.said[0]?.run();
  expect(it.world.reloads).toBe(1);
});

test('it is loaded by itself once nobody has looked for a while and nothing is under way', async () => {
  it.world.served = 'two';
  await it.look();
  await it.turn(true);
  expect(it.world.reloads).toBe(0);
  it.wait();
  expect(it.world.reloads).toBe(1);
});

test('whoever comes back in time finds the page as it was', async () => {
  it.world.served = 'two';
  await it.look();
  await it.turn(true);
  await it.turn(false);
  it.wait();
  expect(it.world.reloads).toBe(0);
});

test('what is typed or sent is never lost, and the page waits until it is done', async () => {
  it.world.served = 'two';
  it.world.busy = true;
  await it.look();
  await it.turn(true);
  it.wait();
  expect(it.world.reloads).toBe(0);
  it.world.busy = false;
  await it.look();
  expect(it.world.reloads).toBe(1);
});

test('one that comes while nobody looks is loaded at once', async () => {
  await it.turn(true);
  it.world.served = 'two';
  await it.look();
  expect(it.world.reloads).toBe(1);
});

test('two gateways with two builds do not send a page back and forth', async () => {
  await it.turn(true);
  it.world.served = 'two';
  await it.look();
  // The tab was loaded anew, from the gateway with the older build.
  const again = tab();
  again.world.reloadedFor = it.world.reloadedFor;
  again.world.hidden = true;
  noticeNewVersion(again.outside);
  await again.settled();
  again.world.served = 'two';
  await again.look();
  expect(again.world.reloads).toBe(0);
  expect(again.world.said).toHaveLength(1);
});

test('a gateway that does not answer is no new version', async () => {
  it.world.served = undefined;
  await it.turn(true);
  await it.look();
  it.wait();
  expect([it.world.reloads, it.world.said]).toEqual([0, []]);
});
