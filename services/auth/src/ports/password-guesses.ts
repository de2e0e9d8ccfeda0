import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import * as common from '@zxcvbn-ts/language-common';

/** Below 3 of 4 a password falls to fewer than a hundred million guesses. */
const GOOD_ENOUGH = 3;

const estimator = new ZxcvbnFactory({
  dictionary: common.dictionary,
  graphs: common.adjacencyGraphs,
  // The work grows with the square of the length, on the event loop: at this it stays below some 20 ms.
  maxLength: 32,
});

/** Whether those who know the 49,000 commonest passwords, common words, dates and rows of the keyboard find it soon; `about` is what they know of its owner. */
export function isSoonGuessed(password: string, about: readonly string[]): boolean {
  return estimator.check(password, [...about, 'andvari']).score < GOOD_ENOUGH;
}
