import { Command } from '@andvari/proto/engine/v1/commands';
import { ExecutionReport } from '@andvari/proto/engine/v1/reports';
import { command, executionReport, profileUpdated, userDeleted } from '@andvari/proto/events';
import { describe, expect, test } from 'vitest';
import { decodeEvent, newEvent, subjectOf, typesByName } from '../src/events/event.ts';

const ada = { userId: 'ada', changedFields: ['name'], version: 7n };
const report = { ...ExecutionReport.decode(new Uint8Array()), accountId: 'a1' };
const order = { ...Command.decode(new Uint8Array()), symbol: 'BRK.B' };

describe('the subject of an event', () => {
  test.each([
    ['takes its variables from the message', () => subjectOf(profileUpdated, ada), 'user.profile.updated.ada'],
    [
      'takes the others from the caller',
      () => subjectOf(executionReport, report, { account_partition: 3, type: 'fill' }),
      'exec.3.a1.fill',
    ],
    [
      'prefers what the caller says',
      () => subjectOf(command, order, { partition: 0n, symbol: 'BRK-B' }),
      'cmd.0.BRK-B',
    ],
  ])('%s', (_, subject, expected) => {
    expect(subject()).toBe(expected);
  });

  test.each([
    ['an empty value', ''],
    ['a dot, which would begin another token', 'ada.bob'],
    ['a wildcard', '*'],
    ['the other wildcard', '>'],
    ['a space', 'ada lovelace'],
    ['a line break', 'ada\n'],
    ['a control character', 'ada\u0000'],
  ])('refuses %s', (_, userId) => {
    expect(() => subjectOf(profileUpdated, { ...ada, userId })).toThrow('cannot be the {user_id}');
  });

  test('refuses a variable that nobody gives', () => {
    expect(() => subjectOf(executionReport, report)).toThrow('{account_partition}');
  });
});

describe('an event', () => {
  const types = typesByName([profileUpdated]);

  test('comes back as it went out', () => {
    const time = new Date('2026-01-02T03:04:05.678Z');
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = newEvent(profileUpdated, ada, { source: 'user', time, traceparent });
    expect(decodeEvent(sent, types)).toEqual({
      id: sent.id,
      type: profileUpdated,
      source: 'user',
      time,
      subject: 'user.profile.updated.ada',
      traceparent,
      message: ada,
      raw: sent,
    });
  });

  test('that follows from something keeps that id, and each row has its own', () => {
    const [first, second] = [1, 2].map(() => newEvent(profileUpdated, ada, { source: 'user', id: 'derived' }));
    expect(first?.headers['ce-id']).toBe('derived');
    expect(second?.headers['ce-id']).toBe('derived');
    expect(first?.id).not.toBe(second?.id);
  });

  const sent = newEvent(profileUpdated, ada, { source: 'user' });
  test.each([
    [
      'of a type that nobody here reads',
      { ...sent, headers: { ...sent.headers, 'ce-type': userDeleted.type } },
      'unknown_event_type',
    ],
    ['without a type', { ...sent, headers: { 'ce-id': '1' } }, 'unknown_event_type'],
    ['without an id', { ...sent, headers: { 'ce-type': profileUpdated.type } }, 'event_without_id'],
    ['whose bytes are something else', { ...sent, payload: Uint8Array.of(10, 200) }, 'event_unreadable'],
  ])('%s is refused by name', (_, raw, reason) => {
    expect(() => decodeEvent(raw, types)).toThrow(expect.objectContaining({ code: 'failed_precondition', reason }));
  });
});
