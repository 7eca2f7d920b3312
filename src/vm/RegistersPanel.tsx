// A crashed VM's registers, as a debugger would show them.
import type { Registers } from '../../engine/host/api.ts';
import { formatHex } from '../format/format.ts';

const ROWS: (keyof Registers)[][] = [
  ['eax', 'ebx', 'ecx', 'edx'],
  ['esi', 'edi', 'ebp', 'esp'],
  ['eip', 'eflags', 'cr0', 'cr2'],
  ['cr3', 'cr4'],
  ['cs', 'ss', 'ds', 'es'],
  ['fs', 'gs'],
];
/** Segment registers hold 16-bit selectors. */
const SHORT = new Set<keyof Registers>(['cs', 'ss', 'ds', 'es', 'fs', 'gs']);

export function RegistersPanel({ crash }: { crash: { reason: string; registers: Registers } }) {
  return (
    <section className="tv-panel tv-crash tv-summary-wide" aria-label="Registers at the crash">
      <h2>Crashed: {crash.reason}</h2>
      <p className="tv-quiet">
        The guest was stopped; nothing else is affected. Power it on to start it anew, or off to give its memory back.
      </p>
      <dl className="tv-registers tv-mono">
        {ROWS.flat().map((name) => (
          <div key={name}>
            <dt>{name.toUpperCase()}</dt>
            <dd>{formatHex(crash.registers[name], SHORT.has(name) ? 4 : 8)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
