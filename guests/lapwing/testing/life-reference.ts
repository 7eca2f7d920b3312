// Conway's Life on a torus of 320 × 200 cells, written to be obviously right: what Lapwing's `life` is held against.

const WIDTH = 320;
const HEIGHT = 200;

/** How many cells live after so many generations. */
export function lifeCells(start: 'pentomino' | 'soup', generations: number): number {
  let world = start === 'pentomino' ? pentomino() : soup();
  for (let n = 0; n < generations; n++) world = next(world);
  return world.reduce((sum, cell) => sum + cell, 0);
}

const NEIGHBOURS = [-1, 0, 1]
  .flatMap((dy) => [-1, 0, 1].map((dx) => [dx, dy]))
  .filter(([dx, dy]) => dx !== 0 || dy !== 0);

function next(world: Uint8Array): Uint8Array {
  const neighbours = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      if (world[y * WIDTH + x] === 0) continue;
      for (const [dx, dy] of NEIGHBOURS)
        neighbours[((y + dy + HEIGHT) % HEIGHT) * WIDTH + ((x + dx + WIDTH) % WIDTH)]++;
    }
  }
  return neighbours.map((count, n) => (count === 3 || (count === 2 && world[n] === 1) ? 1 : 0));
}

function pentomino(): Uint8Array {
  const world = new Uint8Array(WIDTH * HEIGHT);
  for (const [y, row] of ['.XX', 'XX.', '.X.'].entries()) {
    for (const [x, cell] of [...row].entries()) {
      if (cell === 'X') world[(HEIGHT / 2 - 1 + y) * WIDTH + WIDTH / 2 - 1 + x] = 1;
    }
  }
  return world;
}

/** Marsaglia's xorshift32 from 2463534242: a cell in four lives. */
function soup(): Uint8Array {
  let random = 2463534242;
  return new Uint8Array(WIDTH * HEIGHT).map(() => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return (random & 3) === 0 ? 1 : 0;
  });
}
