/** Header of what an operator has published again: which run it was. Whoever tells people of what happens need not tell it twice. */
export const REPLAYED = 'andvari-replayed';
