import { describe, expect, it } from 'vitest';
import { SoundTimeline } from './sound-timeline.ts';

describe('when a sound is heard', () => {
  it('keeps the guest’s distances, however the news comes in', () => {
    const timeline = new SoundTimeline();
    const first = timeline.place(5e9, 10);
    expect(first).toBeGreaterThan(10);
    expect(timeline.place(5.02e9, 10.01) - first).toBeCloseTo(0.02);
    expect(timeline.place(5.03e9, 10.01) - first).toBeCloseTo(0.03);
  });

  it.each([
    ['a pause of the guest’s clock', 5.01e9, 60],
    ['a guest that was late', 6e9, 12],
    ['a guest that is far ahead', 60e9, 10.1],
    ['another run of the machine', 0, 11],
  ])('begins anew after %s, never in the past', (_, at, now) => {
    const timeline = new SoundTimeline();
    timeline.place(5e9, 10);
    const time = timeline.place(at, now);
    expect(time).toBeGreaterThan(now);
    expect(time).toBeLessThan(now + 0.2);
  });
});
