// Registers by which the CPU's way to planar memory goes: those of a VGA's sequencer and graphics controller, by index (IBM VGA Technical
// Reference, chapter 2). Read by the device, which has the ports, and by the CPU, which does the accesses (cpu/monitor/memory/planar.ts,
// AssemblyScript): it holds nothing but `export const NAME = integer`.

// Sequencer
export const SEQ_MAP_MASK = 2;
export const SEQ_MEMORY_MODE = 4;
export const MEMORY_NOT_ODD_EVEN = 0x04;
export const MEMORY_CHAIN_4 = 0x08;

// Graphics controller
export const GC_SET_RESET = 0;
export const GC_ENABLE_SET_RESET = 1;
export const GC_COLOR_COMPARE = 2;
export const GC_ROTATE = 3;
export const GC_READ_MAP = 4;
export const GC_MODE = 5;
export const GC_COLOR_DONT_CARE = 7;
export const GC_BIT_MASK = 8;
export const MODE_WRITE = 0x03;
export const MODE_READ_COMPARE = 0x08;
export const MODE_ODD_EVEN = 0x10;
