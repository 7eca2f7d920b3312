import { describe, expect, it } from 'vitest';
import { checkLink, formOf, settingsOf } from './link-form.ts';

describe('link settings', () => {
  it('go into the form and back, the loss as a percentage', () => {
    const settings = { bandwidthMbits: 100, latencyMs: 0.2, loss: 0.07, jitterMs: 5 };
    expect(formOf(settings)).toEqual({ bandwidthMbits: 100, latency: '0.2', loss: '7', jitter: '5' });
    expect(settingsOf(formOf(settings))).toEqual(settings);
    expect(checkLink(formOf(settings))).toEqual({});
  });

  it('say what cannot be', () => {
    const bad = { bandwidthMbits: 100, latency: '-1', loss: '101', jitter: '' };
    expect(Object.keys(checkLink(bad))).toEqual(['latency', 'loss', 'jitter']);
    expect(checkLink({ ...bad, latency: 'x', loss: '100', jitter: '1001' })).toEqual({
      latency: 'A number of ms from 0 to 1000.',
      jitter: 'A number of ms from 0 to 1000.',
    });
  });
});
