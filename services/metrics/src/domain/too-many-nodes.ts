/** A cluster with more nodes than an answer may be made of. */
export class TooManyNodes extends Error {
  override readonly name = 'TooManyNodes';

  constructor(max: number) {
    super(
      `The cluster had more than ${max} nodes in this time, which is the most that an answer is made of: ` +
        'ask for a shorter time, or raise MAX_NODES and the memory of this service',
    );
  }
}
