// What the guest program `client` says about its last second (guests/linux/transact.c explains the line), read from serial
// output, where anything may stand around it, in it, or instead of it.

export interface Latencies {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export interface Exchanges {
  /** Done in that second. */
  count: number;
  /** ms; none if nothing was done. */
  latency?: Latencies;
  /** Failed since the client started. */
  errors: number;
}

export interface ClientReport {
  /** Seconds since the client started. */
  t: number;
  tcp: Exchanges;
  http: Exchanges;
  /** Last number acknowledged. */
  sequence: number;
  /** Connections lost since the client started. */
  resets: number;
  /** Longest time without an answer on the open connection since the client started, ms. */
  gapMs: number;
}

const START = 'client t=';
const PAIR = /^([a-z]+\d*)=(\d+(?:\.\d+)?)$/;
/** Control sequences (ECMA-48, 5.4), as a shell's prompt has them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f]/g;

/** @returns undefined if the line holds no whole report */
export function parseClientReport(line: string): ClientReport | undefined {
  const start = line.lastIndexOf(START);
  if (start < 0) return undefined;
  const figures = new Map<string, number>();
  for (const word of line.slice(start).replace(CONTROL, '').trim().split(/\s+/).slice(1)) {
    const [, name, value] = PAIR.exec(word) ?? [];
    // Something else was printed into the middle of the line.
    if (name === undefined || figures.has(name)) return undefined;
    figures.set(name, Number(value));
  }
  try {
    return reportOf((name) => figures.get(name) ?? missing(name));
  } catch {
    return undefined;
  }
}

function missing(name: string): never {
  throw new RangeError(`${name} is missing`);
}

function reportOf(figure: (name: string) => number): ClientReport {
  return {
    t: figure('t'),
    tcp: exchanges(figure, 'tcp'),
    http: exchanges(figure, 'http'),
    sequence: figure('seq'),
    resets: figure('resets'),
    gapMs: figure('gap'),
  };
}

function exchanges(figure: (name: string) => number, kind: 'tcp' | 'http'): Exchanges {
  const [count, errors] = [figure(kind), figure(`${kind}err`)];
  const latency = {
    p50: figure(`${kind}50`),
    p95: figure(`${kind}95`),
    p99: figure(`${kind}99`),
    max: figure(`${kind}max`),
  };
  return count > 0 ? { count, latency, errors } : { count, errors };
}
