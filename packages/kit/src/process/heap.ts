import { setFlagsFromString } from 'node:v8';

/**
 * How much what a collection of the whole heap leaves may grow by before the next one, in percent. V8 goes by the limit of the heap otherwise: below a
 * quarter of a gigabyte it collects all of it again for every 30 % more, however little of what it goes through each time has become garbage.
 * The limit itself stays what it is. To be called at the start: it holds from the next such collection on.
 */
export function growHeapBy(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
