// The u64 event counters of the CPU block. One writer, the vCPU's worker; readers take what they see.

export function count(cpu: usize, counter: usize): void {
  const address = cpu + counter;
  store<u64>(address, load<u64>(address) + 1);
}

export function count_many(cpu: usize, counter: usize, events: i32): void {
  const address = cpu + counter;
  store<u64>(address, load<u64>(address) + (events as i64));
}
