// Names for the demo's two VMs: web1 and client1, or the first number that neither has.
export function demoNames(taken: readonly string[]): { server: string; client: string } {
  for (let n = 1; ; n++) {
    const names = { server: `web${n}`, client: `client${n}` };
    if (!taken.includes(names.server) && !taken.includes(names.client)) return names;
  }
}
