// The registers of a CPU as text: of a guest that has crashed, and for the monitor.

import type { Registers } from '../../engine/vmkernel/spec/spec.ts';

export function formatRegisters(registers: Registers): string {
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, '0');
  const line = (...names: (keyof Registers)[]) =>
    `${names.map((name) => `${name}=${hex(registers[name])}`).join(' ')}\n`;
  return (
    line('eax', 'ebx', 'ecx', 'edx') +
    line('esi', 'edi', 'ebp', 'esp') +
    line('eip', 'eflags') +
    line('cr0', 'cr2', 'cr3', 'cr4') +
    line('cs', 'ss', 'ds', 'es', 'fs', 'gs')
  );
}
