// What the VM's translated code comes to: figures since power-on, and speed and share over the last minutes.
import type { VmOverhead, VmStatus } from '../../engine/host/api.ts';
import { TimeChart } from '../charts/TimeChart.tsx';
import { formatBytes, formatCount, formatDuration, formatMagnitude, formatPercent } from '../format/format.ts';
import { useSampleTime, useVm } from '../state/hooks.ts';
import { samples } from '../state/samples.ts';

/** CSS pixels. */
const CHART_HEIGHT = 118;

export function TranslationTotals({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  useSampleTime(vmId);
  if (!vm) return null;
  return (
    <div className="tv-translation-totals">
      <section className="tv-panel" aria-label="Totals">
        <FactColumn facts={regionFacts(vm)} />
        <FactColumn facts={exitFacts(vm)} />
      </section>
      <TimeChart id={vmId} title="Speed" unit="MIPS" figure="mips" height={CHART_HEIGHT} />
      <TimeChart
        id={vmId}
        title="Translated"
        unit="% of instructions"
        figure="translated"
        max={100}
        height={CHART_HEIGHT}
      />
    </div>
  );
}

type Facts = [name: string, value: string, explanation?: string][];

function regionFacts({ id, counters }: VmStatus): Facts {
  const { instructions, translatedInstructions, liveRegions, regions, wasmBytes, translationMs, overhead } = counters;
  return [
    ['Speed now', `${(samples.latest(id)?.mips ?? 0).toFixed(1)} MIPS`],
    ['Translated', formatPercent(instructions > 0 ? translatedInstructions / instructions : 0), 'Of all instructions'],
    [
      'Regions',
      `${formatCount(liveRegions)} of ${formatCount(regions)} made`,
      `One module each; ${formatCount(counters.evictions)} were given up to save memory`,
    ],
    ['WebAssembly', formatBytes(wasmBytes)],
    [
      'Memory beyond RAM',
      formatBytes(overhead.cpu + overhead.code + overhead.pages + overhead.translations),
      overheadParts(overhead),
    ],
    [
      'Translating',
      `${formatDuration(translationMs)}, ${(translationMs / Math.max(1, regions)).toFixed(2)} ms each`,
      'Mostly by the host’s translator, beside the vCPU',
    ],
    ['TLB misses', formatMagnitude(counters.tlbMisses)],
  ];
}

function overheadParts({ cpu, code, pages, translations }: VmOverhead): string {
  const parts = [
    `${formatBytes(translations)} for translated code (estimated)`,
    `${formatBytes(code)} for decoded code`,
    `${formatBytes(cpu)} for the CPU and its TLBs`,
    `${formatBytes(pages)} for tables of pages`,
  ];
  return parts.join(', ');
}

function exitFacts({ counters: { exits } }: VmStatus): Facts {
  const all = Object.values(exits).reduce((sum, n) => sum + n, 0);
  const share = (n: number) => `${formatMagnitude(n)}, ${formatPercent(all > 0 ? n / all : 0)}`;
  return [
    ['No region to go on in', share(exits.unlinked), 'The next code is not translated, or not linked yet'],
    ['Access missed the TLB', share(exits.miss), 'Also device memory, and pages that hold code'],
    ['Instruction not translated', share(exits.interpret), 'The interpreter does it'],
    ['Slice used up', share(exits.slice)],
    ['Interrupt or request', share(exits.request)],
    ['Exception', share(exits.fault)],
  ];
}

function FactColumn({ facts }: { facts: Facts }) {
  return (
    <dl>
      {facts.map(([name, value, explanation]) => (
        <div key={name} title={explanation}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
