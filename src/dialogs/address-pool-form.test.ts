import { expect, it } from 'vitest';
import { NETWORKS, poolOfForm, poolProblem } from './address-pool-form.ts';

const form = (first: string, last: string, prefixLength = 24) => ({ first, last, prefixLength });

it('takes pools that are within the network', () => {
  expect(poolProblem(form('10.0.0.2', '10.0.0.254'))).toBeUndefined();
  expect(poolProblem(form(' 10.0.0.50 ', '10.0.3.254', 22))).toBeUndefined();
  expect(poolOfForm(form(' 10.0.0.50', '10.0.0.60 '))).toEqual(form('10.0.0.50', '10.0.0.60'));
  for (const { prefixLength } of NETWORKS) {
    const last = { 24: '10.0.0.254', 22: '10.0.3.254', 20: '10.0.15.254' }[prefixLength] ?? '';
    expect(poolProblem(form('10.0.0.2', last, prefixLength))).toBeUndefined();
  }
});

it.each([
  [form('10.0.0.20', '10.0.0.10'), 'not within'],
  [form('10.0.0.20', '10.0.1.10'), 'not within'],
  [form('10.0.0.0', '10.0.0.10'), 'not within'],
  [form('10.0.0.10', '10.0.0.255'), 'not within'],
  [form('ten', '10.0.0.10'), 'IPv4'],
  [form('', '10.0.0.10'), ''],
  [form('10.0.0.1', '10.0.255.254', 16), 'At most 4096'],
  [form('10.0.0.1', '10.0.0.5', 8), 'bits'],
])('says what is wrong with %j', (wrong, reason) => {
  expect(poolProblem(wrong)).toContain(reason);
});
