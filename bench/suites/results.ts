// What was measured: values by row and column, one per round, and what could not be measured and why.
import type { EngineName } from '../engines/engine.ts';
import { median } from '../measure/statistics.ts';

export type Column = EngineName | 'native' | 'console';
export type Unit = 's' | 'ms' | 'µs' | '% of a core' | 'MiB' | 'Mbit/s' | 'MB/s' | '1/s' | 'frames/s';

export interface Row {
  suite: string;
  name: string;
  unit: Unit;
  /** In the order of the rounds. */
  values: Partial<Record<Column, number[]>>;
}

export interface Remark {
  column: Column;
  text: string;
}

/** Undefined where it was not measured. */
export function medianOf(row: Row | undefined, column: Column): number | undefined {
  const values = row?.values[column];
  return values && values.length > 0 ? median(values) : undefined;
}

export class Results {
  readonly rows: Row[] = [];
  /** Failures and doubts about single values. */
  readonly remarks: Remark[] = [];
  /** What the engines themselves say about their last run. */
  readonly figures: Partial<Record<Column, string>> = {};

  add(suite: string, name: string, unit: Unit, column: Column, value: number): void {
    const { values } = this.#row(suite, name, unit);
    values[column] = [...(values[column] ?? []), value];
  }

  remark(column: Column, text: string): void {
    this.remarks.push({ column, text });
  }

  find(suite: string, name: string): Row | undefined {
    return this.rows.find((row) => row.suite === suite && row.name === name);
  }

  #row(suite: string, name: string, unit: Unit): Row {
    const present = this.find(suite, name);
    if (present) return present;
    const row: Row = { suite, name, unit, values: {} };
    this.rows.push(row);
    return row;
  }
}
