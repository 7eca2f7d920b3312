// What the Link settings dialog holds, what is wrong with it, and the settings it makes.

import type { LinkSettings } from '../../engine/host/api.ts';
import { LINK_LIMITS } from '../../engine/subnet/presence/host-settings.ts';

export interface LinkForm {
  bandwidthMbits: number;
  /** These as typed: ms, percent, ms. */
  latency: string;
  loss: string;
  jitter: string;
}

type LinkErrors = Partial<Record<'latency' | 'loss' | 'jitter', string>>;

export function formOf({ bandwidthMbits, latencyMs, loss, jitterMs }: LinkSettings): LinkForm {
  // 0.07 × 100 is not 7 in floating point.
  const percent = Number((loss * 100).toPrecision(12));
  return { bandwidthMbits, latency: String(latencyMs), loss: String(percent), jitter: String(jitterMs) };
}

export function checkLink({ latency, loss, jitter }: LinkForm): LinkErrors {
  const errors: LinkErrors = {};
  const { latencyMs, jitterMs } = LINK_LIMITS;
  if (!isWithin(latency, latencyMs.most)) errors.latency = `A number of ms from 0 to ${latencyMs.most}.`;
  if (!isWithin(loss, 100)) errors.loss = 'A percentage from 0 to 100.';
  if (!isWithin(jitter, jitterMs.most)) errors.jitter = `A number of ms from 0 to ${jitterMs.most}.`;
  return errors;
}

/** @param form one without errors */
export function settingsOf({ bandwidthMbits, latency, loss, jitter }: LinkForm): LinkSettings {
  return { bandwidthMbits, latencyMs: Number(latency), loss: Number(loss) / 100, jitterMs: Number(jitter) };
}

function isWithin(text: string, most: number): boolean {
  const value = Number(text);
  return text.trim() !== '' && value >= 0 && value <= most;
}
