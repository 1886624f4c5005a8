const ID = '3f2b8f0e-6a4d-4b6e-9a51-0d4c7d0a1b2c';

/** Data of `cluster-created` that nobody can use, each in many copies that differ by a number. */
export const poisonForms: readonly ((n: number) => string)[] = [
  ...wrongIds().map((id) => (n: number) => JSON.stringify({ n, cluster_id: id })),
  ...wrongNames().map((name) => (n: number) => JSON.stringify({ n, cluster_id: ID, name })),
  ...wrongData().map((data) => (n: number) => JSON.stringify([n, data])),
  ...[100, 1_000, 4_200, 9_000].map((depth) => (n: number) => deep(n, depth)),
  ...[1_000, 100_000, 400_000].map(
    (length) => (n: number) => JSON.stringify({ n, cluster_id: 'x'.repeat(length) }),
  ),
];

function wrongIds(): unknown[] {
  const texts = ['', ' ', 'no', '0', 'null', ID.slice(1), `${ID}0`, `{${ID}}`, `urn:uuid:${ID}`];
  const hostile = ['../..', '"', '\\', '\u0000', '\ud800', '$cluster', '%00', 'a/b', 'é'];
  const others = [undefined, null, 0, 1, -1, 1e300, true, false, [], {}, [ID], { id: ID }];
  return [...others, ...texts, ...hostile];
}

function wrongNames(): unknown[] {
  return [1, true, [], {}, ['east'], { name: 'east' }, 1e300];
}

function wrongData(): unknown[] {
  return [null, 'text', 1, [], [[]], { cluster_id: ID }];
}

/** An id that is none, and something nested so deep that writing it recursively ends the stack. */
function deep(n: number, depth: number): string {
  return `{"n":${n},"cluster_id":"no","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}
