/** The most pages of 64 KiB a host's memory may have: 4 GiB. Importing modules declare it, so that any host memory fits. */
export const MEMORY_MAXIMUM_PAGES = 65536;
