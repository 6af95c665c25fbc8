/** The count of a loop: `small` in `npm test`, `full` in `npm run test:long`. */
export function loopCount(small: number, full: number): number {
  return process.env.TEST_SIZE === 'full' ? full : small;
}
