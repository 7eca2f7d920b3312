// The catalogue's Linux for tests that need it at its prompt, not what it prints on the way there.

/**
 * For the kernel's command line. Without messages and the check of the kernel's built-in certificates it boots sooner still. Not for
 * tests of the network: a guest has been seen without an IPv6 address.
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
