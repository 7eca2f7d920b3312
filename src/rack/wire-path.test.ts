import { describe, expect, it } from 'vitest';
import { pointOn, wirePath } from './wire-path.ts';

describe('wire path', () => {
  const path = wirePath(10, 110, 20, 40);

  it('goes from port to port by way of the wire', () => {
    expect(pointOn(path, 0)).toMatchObject({ x: 10, y: 40, along: false });
    expect(pointOn(path, 0.5)).toMatchObject({ x: 60, y: 20, along: true });
    expect(pointOn(path, 1)).toMatchObject({ x: 110, y: 40, along: false });
  });

  it('goes backwards as well, at even speed', () => {
    const back = wirePath(110, 10, 20, 40);
    expect(pointOn(back, 0.25)).toMatchObject({ x: 95, y: 20 });
  });
});
