// The tables that the bench prints: medians, and ratios of medians of one run.

import { AIMS, type Aim, isMet } from './aims.ts';
import { geometricMean } from './measure/statistics.ts';
import { ANIMATION_SUITE } from './suites/animation.ts';
import { DISK_SUITE } from './suites/disk.ts';
import { FIRMWARE_SUITE } from './suites/firmware-boot.ts';
import { type Column, medianOf, type Results, type Row, type Unit } from './suites/results.ts';

const COLUMNS: Column[] = [
  'native',
  'qemu',
  'v86-node',
  'tabvisor-node',
  'v86-chromium',
  'tabvisor-chromium',
  'console',
];

/** Rows whose ratios mean something, the times of the same work, by table. */
const COMPARED_SUITES = [['boot', 'workloads'], ['network'], [FIRMWARE_SUITE], [DISK_SUITE], [ANIMATION_SUITE]];
/** Over a baseline, so that it may be nothing: there are no ratios of these. */
const DIFFERENCE: Unit = '% of a core';
const RATES: Unit[] = ['Mbit/s', 'MB/s', '1/s', 'frames/s'];

interface Comparison {
  title: string;
  of: Column;
  to: Column;
}

const COMPARISONS: Comparison[] = [
  { title: 'v86 / tabvisor, Node', of: 'v86-node', to: 'tabvisor-node' },
  { title: 'v86 / tabvisor, Chromium', of: 'v86-chromium', to: 'tabvisor-chromium' },
  { title: 'QEMU / tabvisor, Node', of: 'qemu', to: 'tabvisor-node' },
  { title: 'QEMU / tabvisor, Chromium', of: 'qemu', to: 'tabvisor-chromium' },
  { title: 'tabvisor, Node / native', of: 'tabvisor-node', to: 'native' },
  { title: 'tabvisor, Chromium / native', of: 'tabvisor-chromium', to: 'native' },
];

export function formatReport(results: Results): string {
  const parts = [formatMedians(results), ...COMPARED_SUITES.map((suites) => formatRatios(results, suites))];
  parts.push(formatAims(results));
  if (results.remarks.length > 0) {
    parts.push(`Remarks\n${results.remarks.map(({ column, text }) => `  ${column}: ${text}`).join('\n')}\n`);
  }
  for (const [column, figures] of Object.entries(results.figures)) parts.push(`${column}, last run\n${figures}`);
  return parts.filter((part) => part !== '').join('\n');
}

function formatMedians({ rows }: Results): string {
  const columns = COLUMNS.filter((column) => rows.some((row) => row.values[column]));
  const body = rows.map((row) => [
    `${row.suite}: ${row.name}, ${row.unit}`,
    ...columns.map((column) => formatNumber(medianOf(row, column))),
  ]);
  return formatTable([['median', ...columns], ...body]);
}

function formatRatios({ rows }: Results, suites: readonly string[]): string {
  const compared = rows.filter(({ suite, unit }) => suites.includes(suite) && unit !== DIFFERENCE);
  const comparisons = COMPARISONS.filter(({ of, to }) => compared.some((row) => row.values[of] && row.values[to]));
  if (comparisons.length === 0) return '';
  const means = comparisons.map((comparison) => {
    const ratios = compared.map((row) => ratioOf(row, comparison)).filter((value) => value !== undefined);
    return formatNumber(geometricMean(ratios));
  });
  return formatTable([
    ['ratio', ...comparisons.map(({ title }) => title)],
    ...compared.map((row) => [row.name, ...comparisons.map((comparison) => formatNumber(ratioOf(row, comparison)))]),
    ['geometric mean', ...means],
  ]);
}

/** Of times: a rate counts as the time that one of its units takes. */
function ratioOf(row: Row, { of, to }: Comparison): number | undefined {
  const [above, below] = [medianOf(row, of), medianOf(row, to)];
  if (above === undefined || below === undefined) return undefined;
  return RATES.includes(row.unit) ? below / above : above / below;
}

/** Those for which there are figures. */
function formatAims(results: Results): string {
  const lines = AIMS.map((aim) => formatAim(aim, results)).filter((line) => line !== undefined);
  return lines.length === 0 ? '' : formatTable([['aim', 'wanted', 'measured', ''], ...lines]);
}

function formatAim(aim: Aim, results: Results): string[] | undefined {
  const measured = aim.measured(results);
  if (measured === undefined) return undefined;
  const wanted = `${aim.bound === 'at most' ? '≤' : '≥'} ${aim.limit} ${aim.unit}`;
  return [aim.what, wanted, `${formatNumber(measured)} ${aim.unit}`, isMet(aim, measured) ? 'met' : 'missed'];
}

/** Columns aligned to the right, except the first. */
export function formatTable(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '))
    .map((line) => `${line}\n`)
    .join('');
}

/** Three significant digits; a dash for what was not measured. */
function formatNumber(value: number | undefined): string {
  if (value === undefined) return '–';
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
