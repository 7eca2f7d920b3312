// What the runner prints about a run: the figures of -stats.

import type { VmCounters, VmOverhead } from '../engine/vmkernel/spec/spec.ts';

/** `wallMs`: from the start of the VM to its end. */
export function formatStatistics(counters: VmCounters, wallMs: number): string {
  const { instructions, translatedInstructions, busyMs, regions, translationMs, exits } = counters;
  const share = (part: number, whole: number) => `${(whole > 0 ? (100 * part) / whole : 0).toFixed(1)} %`;
  const perRegion = regions > 0 ? translationMs / regions : 0;
  const rows: [string, string][] = [
    ['instructions', count(instructions)],
    ['MIPS', `${(busyMs > 0 ? instructions / busyMs / 1000 : 0).toFixed(1)} (while the vCPU ran)`],
    ['interpreted', share(instructions - translatedInstructions, instructions)],
    ['translated', share(translatedInstructions, instructions)],
    ['regions', formatRegions(counters)],
    ['overhead', formatOverhead(counters.overhead)],
    ['translation', `${(translationMs / 1000).toFixed(2)} s (${perRegion.toFixed(2)} ms a region)`],
    [
      'exits',
      Object.entries(exits)
        .map(([why, n]) => `${why} ${count(n)}`)
        .join(', '),
    ],
    ['invalidations', count(counters.invalidations)],
    ['TLB misses', count(counters.tlbMisses)],
    ['interrupts', count(counters.interrupts)],
    ['exceptions', count(counters.exceptions)],
    ['undefined', `${count(counters.undefinedInstructions)} instructions not implemented`],
    ['wall time', `${(wallMs / 1000).toFixed(2)} s`],
    ['vCPU busy', `${(busyMs / 1000).toFixed(2)} s (${share(busyMs, wallMs)} of a core)`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join('');
}

function formatRegions({ regions, evictions, liveRegions, wasmBytes }: VmCounters): string {
  return `${count(regions)} made, ${count(evictions)} evicted, ${count(liveRegions)} left with ${kib(wasmBytes)} of WebAssembly`;
}

/** What the machine takes beyond its RAM. */
function formatOverhead({ cpu, code, pages, translations }: VmOverhead): string {
  const tables = `tables ${kib(cpu + code + pages)} (CPU and TLBs ${kib(cpu)}, decoded code ${kib(code)}, pages ${kib(pages)})`;
  return `${tables}, translations about ${kib(translations)}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function kib(bytes: number): string {
  return `${count(bytes / 1024)} KiB`;
}
