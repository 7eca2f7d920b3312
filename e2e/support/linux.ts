// The catalogue's Linux for tests that need it at its prompt, not what it prints on the way there.

/**
 * For the kernel's command line. Without messages, the search for ISA PnP cards (it waits in loops) and the kernel's tests of its own
 * cryptography it boots in about half the time. Not for tests of the network: a guest has been seen without an IPv6 address.
 */
const QUICK = [
  'quiet',
  'noisapnp',
  'cryptomgr.notests',
  'initcall_blacklist=init_kprobe_trace,crypto_kdf108_init,load_system_certificate_list',
].join(' ');

/** @returns a kernel command line for a guest of that host name */
export function quickLinux(hostname: string): string {
  return `console=ttyS0 ${QUICK} hostname=${hostname}`;
}
