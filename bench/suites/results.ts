// What was measured: values by row and column, one per round, and what could not be measured and why.
import type { EngineName } from '../engines/engine.ts';

export type Column = EngineName | 'native' | 'console';
export type Unit = 's' | 'ms' | 'µs' | '% of a core' | 'MiB' | 'Mbit/s' | '1/s';

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

  #row(suite: string, name: string, unit: Unit): Row {
    const present = this.rows.find((row) => row.suite === suite && row.name === name);
    if (present) return present;
    const row: Row = { suite, name, unit, values: {} };
    this.rows.push(row);
    return row;
  }
}
