// The sections of a VM's tab.
import type { VmSection } from '../state/view.ts';

const TITLES: Record<VmSection, string> = {
  summary: 'Summary',
  console: 'Console',
  hardware: 'Hardware',
  performance: 'Performance',
  network: 'Network',
  translation: 'Translation',
  transactions: 'Transactions',
};

/** @param withTransactions the VM reports some, or is expected to */
export function sectionsOf(withTransactions: boolean): [VmSection, string][] {
  const sections = Object.entries(TITLES) as [VmSection, string][];
  return sections.filter(([section]) => withTransactions || section !== 'transactions');
}
