// The kernel's output as cases, and two such outputs compared.

/** "group/case" → its lines. Cases of one group and name are numbered from the second on: "group/case#2". */
export function parseResults(text: string): Map<string, string[]> {
  const cases = new Map<string, string[]>();
  let group = '';
  let current: string[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line === 'done') continue;
    if (line.startsWith('# ')) {
      group = line.slice(2);
    } else if (line.startsWith('  ')) {
      current.push(line);
    } else {
      const base = `${group}/${line.slice(0, line.indexOf(': '))}`;
      let name = base;
      for (let n = 2; cases.has(name); n++) name = `${base}#${n}`;
      current = [line];
      cases.set(name, current);
    }
  }
  return cases;
}

/** Vectors whose frames have RF as it was: traps, INT n and the like. For the rest a CPU pushes it set, QEMU clear. */
const WITHOUT_RF = new Set(['1', '3', '4', '40']);
const RF = 0x10000;

/** QEMU's lines with RF as the manual says (SDM vol. 3 §17.3.1.1). Real mode pushes 16 bits of EFLAGS. */
export function withResumeFlag(name: string, lines: readonly string[]): string[] {
  if (name.startsWith('real mode/')) return [...lines];
  return lines.map((line) => {
    const vector = /^\S+: ([0-9a-f]+)/.exec(line)?.[1];
    if (vector === undefined || WITHOUT_RF.has(vector)) return line;
    return line.replace(/ fl=([0-9a-f]+)/, (_, flags) => ` fl=${(Number.parseInt(flags, 16) | RF).toString(16)}`);
  });
}

/** Names of the cases where the engine answers other than QEMU, or QEMU not at all. */
export function differences(expected: string, qemu: string): string[] {
  const other = parseResults(qemu);
  return [...parseResults(expected)]
    .filter(([name, lines]) => withResumeFlag(name, other.get(name) ?? []).join('\n') !== lines.join('\n'))
    .map(([name]) => name);
}
