// What the address pool's dialog holds, what is wrong with it, and the pool it makes.

import type { AddressPool } from '../../engine/host/api.ts';
import { DEFAULT_PLAN, withPool } from '../../engine/subnet/responders/subnet-plan.ts';

export interface AddressPoolForm {
  prefixLength: number;
  /** As typed. */
  first: string;
  last: string;
}

/** Networks that can be chosen, with the addresses that the largest pool in each has. */
export const NETWORKS: { prefixLength: number; label: string }[] = [
  { prefixLength: 24, label: '10.0.0.0/24: up to 253 addresses' },
  { prefixLength: 22, label: '10.0.0.0/22: up to 1,021 addresses' },
  { prefixLength: 20, label: '10.0.0.0/20: up to 4,093 addresses' },
];

/** User-facing message: what is wrong; undefined if nothing is. */
export function poolProblem(form: AddressPoolForm): string | undefined {
  try {
    withPool(DEFAULT_PLAN, form);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** @param form one without a problem */
export function poolOfForm({ prefixLength, first, last }: AddressPoolForm): AddressPool {
  return { prefixLength, first: first.trim(), last: last.trim() };
}
