// The CPU block: where every field of a vCPU lives, as byte offsets from the block's base (`cpu`).
//
// One file read by three parties: the TypeScript that emits WebAssembly (interpreter, translator), the AssemblyScript
// monitor and the devices' side. It holds nothing but `export const NAME = integer expression`, because both compilers
// must take it as it is.
//
// Who writes: only the worker that runs the vCPU, except the fields marked [shared], which other threads reach with
// Atomics. Slots of registers are 64 bits wide from the first line, legacy modes use their low half.
//
//   0x000  general registers  RAX RCX RDX RBX RSP RBP RSI RDI R8..R15, 8 bytes each
//   0x080  RIP, zero slot, lazy flags, system flags
//   0x100  segment caches ES CS SS DS FS GS LDTR TR, 40 bytes each
//   0x240  GDTR, IDTR, control and debug registers
//   0x300  XMM0..15                0x400  x87 / MMX
//   0x500  MSRs                    0x600  run state, exceptions, doorbell
//   0x700  counters                0x800  pages with code, MTRRs, memory map, planar memory
//   0x1000 supervisor TLB, user TLB, jump cache

// ---- General registers
export const GPR = 0x000;
export const RAX = 0x00;
export const RCX = 0x08;
export const RDX = 0x10;
export const RBX = 0x18;
export const RSP = 0x20;
export const RBP = 0x28;
export const RSI = 0x30;
export const RDI = 0x38;

// While a block runs, RIP is the address of the block's first instruction; handlers add their record's delta. Outside of
// a block it is the architectural instruction pointer.
export const RIP = 0x80;
/** Always zero: the base or index register of an address that has none. */
export const ZERO = 0x88;

// ---- Arithmetic flags, lazy.
// F_KIND 0 (canonical): F_R is the result, sign-extended to 32 bits, F_A is `aux`:
//   bit 31 CF; bit 30 CF xor OF; bit 3 AF; bit 0 xor'ed into SF; bits 8..15 xor'ed into the byte whose parity is PF.
//   ZF = (F_R == 0), SF = F_R<0 ^ aux.0, PF = even parity of (F_R ^ aux >> 8) & 0xff.
// Any other kind: F_A and F_B the operands and F_R the result of the operation that set the flags last, to be turned into
// the canonical form by the monitor's `flags_canonical`. Only translated code leaves them so; the dispatcher makes them
// canonical before anything else looks.
export const F_KIND = 0x90;
export const F_A = 0x98;
export const F_B = 0xa0;
export const F_R = 0xa8;
export const AUX_CF = 0x80000000;
export const AUX_CF_OF = 0x40000000;
export const AUX_AF = 0x8;
export const AUX_SF = 0x1;

/** EFLAGS bits other than CF PF AF ZF SF OF: TF IF DF IOPL NT RF VM AC VIF VIP ID; bit 1 always set. */
export const SYSFLAGS = 0xb0;
/** Precomputed from the mode: see MODE_*. */
export const MODE = 0xb8;
/** Current privilege level 0..3. */
export const CPL = 0xbc;
/** Byte offset, from `cpu`, of the TLB in force: TLB_SUPERVISOR or TLB_USER. */
export const TLB_CURRENT = 0xc0;

// ---- Segment caches: SEG + n * SEG_SIZE, n in the order of the instruction encoding.
export const SEG = 0x100;
export const SEG_SIZE = 40;
export const SEG_ES = 0;
export const SEG_CS = 1;
export const SEG_SS = 2;
export const SEG_DS = 3;
export const SEG_FS = 4;
export const SEG_GS = 5;
export const SEG_LDTR = 6;
export const SEG_TR = 7;
export const SEG_BASE = 0; // u64
// An access of n bytes at 32-bit offset o needs no further thought if (i64)o + n - 1 <= bound (signed). What fails that
// test (expand-down, null, not writable, beyond the limit) is left to the monitor's `seg_check`, which raises the fault
// or lets the access pass. A segment that refuses everything has bound -1.
export const SEG_READ_BOUND = 8; // i64
export const SEG_WRITE_BOUND = 16; // i64
export const SEG_LIMIT = 24; // u32, in bytes, granularity applied
export const SEG_SELECTOR = 28; // u32
/** Access rights, bits 8..23 of the descriptor's upper half shifted down by 8: type 0-3, S 4, DPL 5-6, P 7, AVL 12, L 13, D/B 14, G 15. 0 = null. */
export const SEG_ATTR = 32; // u32

// ---- Tables and control registers
export const GDTR_BASE = 0x240; // u64
export const GDTR_LIMIT = 0x248; // u32
export const IDTR_BASE = 0x250; // u64
export const IDTR_LIMIT = 0x258; // u32
export const CR0 = 0x260;
export const CR2 = 0x268;
export const CR3 = 0x270;
export const CR4 = 0x278;
export const EFER = 0x280;
export const DR = 0x290; // DR0..DR7, 8 bytes each
/** The four PDPTEs that PAE paging loads with CR3, 8 bytes each. */
export const PDPTE = 0x2d0;

// ---- SSE
export const XMM = 0x300; // 16 × 16 bytes
export const MXCSR = 0x400;

// ---- x87 and MMX. Physical registers R0..R7, 16 bytes each: significand u64, then sign and exponent u16.
// MMn is the significand of Rn. ST(i) is R[(TOP + i) & 7].
export const FPR = 0x410;
export const FPU_TOP = 0x490; // u32
export const FPU_CW = 0x494; // u32, control word
export const FPU_SW = 0x498; // u32, status word without TOP
export const FPU_TAG = 0x49c; // u32, bit n set: Rn is empty
export const FPU_OPCODE = 0x4a0; // u32
export const FPU_CS = 0x4a4; // u32
export const FPU_IP = 0x4a8; // u64
export const FPU_DS = 0x4b0; // u32
export const FPU_DP = 0x4b8; // u64
/** u32: scratch, what functions on extended numbers return besides a significand (cpu/monitor/f80/fast.ts). */
export const FPU_RESULT = 0x4c0;
/**
 * u32: 1 while IGNNE# is asserted: with CR0.NE clear, x87 errors do not stop the CPU. The machine asserts it (port F0h); it falls with the next
 * error.
 */
export const FPU_IGNNE = 0x4c4;

// ---- MSRs
export const MSR_SYSENTER_CS = 0x500;
export const MSR_SYSENTER_ESP = 0x508;
export const MSR_SYSENTER_EIP = 0x510;
/** Added to the host's clock by RDTSC; i64 ticks of TSC_HZ. */
export const TSC_OFFSET = 0x518;
export const MSR_PAT = 0x520;
export const MSR_MISC_ENABLE = 0x528;
export const MSR_APIC_BASE = 0x530;
export const MSR_STAR = 0x538;
export const MSR_LSTAR = 0x540;
export const MSR_CSTAR = 0x548;
export const MSR_FMASK = 0x550;
export const MSR_KERNEL_GS_BASE = 0x558;
export const MSR_TSC_AUX = 0x560;
export const MSR_TSC_ADJUST = 0x568;
export const MSR_SPEC_CTRL = 0x570;
export const MSR_MCG_STATUS = 0x578;

// ---- Run state
/** i32: 1 when the running instruction has raised an exception; EXC_* say which. Cleared on delivery. */
export const FAULT = 0x600;
export const EXC_VECTOR = 0x604; // u32, or VECTOR_ABSENT or VECTOR_FPU_ERROR
export const EXC_ERROR = 0x608; // u32
/** u32: 1 if EXC_ERROR is pushed. */
export const EXC_HAS_ERROR = 0x60c;
/** No exception of the guest's: the CPU needs AWAITED_PAGE, and is to do again what it was about to do. */
export const VECTOR_ABSENT = 0x100;
/** No exception of the guest's: an x87 error waits and CR0.NE is clear. See EXIT_FPU_ERROR. */
export const VECTOR_FPU_ERROR = 0x101;
/** i32: instructions left in this slice; translated and interpreted blocks count down, a negative value ends the slice. */
export const BUDGET = 0x610;
/** i32: non-zero makes a handler leave its block after the present instruction (its own code was written, a mode changed). */
export const LEAVE = 0x614;
/** i32: SHADOW_* for the one instruction after STI, MOV SS, POP SS: no interrupt is taken before it has ended. */
export const SHADOW = 0x618;
/** i32: RUN_* below. */
export const RUN_STATE = 0x61c;
/** i32 [shared]: bit 0 INTR line of the PIC, bit 1 an NMI that has not been taken, bit 2 stop request (shootdown, pause, new timer). */
export const DOORBELL = 0x620;
export const DOORBELL_INTR = 1;
export const DOORBELL_NMI = 2;
export const DOORBELL_STOP = 4;
/** u32: memory of the VM in 4 KiB pages: RAM, ROM and that of its devices. WINDOWS says where the guest sees it. */
export const MEM_PAGES = 0x624;
/** u32: machine address of the VM's p2m table, see P2M_*. */
export const P2M = 0x628;
/** u32: machine address of the dirty bitmap (bit n: page n of memory written since it was cleared), 0 when not logging. */
export const DIRTY_BITMAP = 0x62c;
/** u32: generation of the jump cache's entries for this address space: odd, 24 bits; entries of another are invalid. */
export const JC_GENERATION = 0x630;
/** u32: machine address of the VM's code map: one byte per page of memory, 1 when decoded code was read from it. */
export const CODE_MAP = 0x634;
/** u32: guest-physical mask of address line A20 (0xffffffff or 0xffefffff). */
export const A20_MASK = 0x638;
/** u32: 1 while the FPU must raise #NM on use (CR0.EM or CR0.TS); kept up to date on every write of CR0. */
export const FPU_TRAP = 0x63c;
/** u32: 1 while SSE must raise #NM or #UD on use (CR0.EM, CR0.TS or no CR4.OSFXSR); kept up to date likewise. */
export const SSE_TRAP = 0x648;
/** u32: machine address and size of the record arena of decoded blocks. */
export const ARENA_BASE = 0x640;
export const ARENA_SIZE = 0x644;
/** u32: MODE | JC_GENERATION << 8, the JC_KEY of entries that are valid now; updated by the code that changes either. */
export const JC_KEY_NOW = 0x64c;
/** u32: the same for code in global pages, whose entries outlive a load of CR3: an even generation, and its key. */
export const JC_GLOBAL_GENERATION = 0x650;
export const JC_GLOBAL_KEY_NOW = 0x654;
/** u32: machine address of the code table, see CT_*. */
export const CODE_TABLE = 0x658;
/** u32: machine address of the region counters, see RC_*. */
export const REGION_COUNTERS = 0x65c;
/** u32: exits of COLD_STRADDLE, COLD_RARE and COLD_PLANAR since the JavaScript side was last notified of one. */
export const AVOIDABLE_EXITS = 0x660;
/** u32: see TLB_FILLED. */
export const TLB_FILLED_COUNT = 0x664;
/** u32: USER_PAGES_* below: may supervisor code reach the data of user-mode pages? See cpu/monitor/memory/user-pages.ts. */
export const USER_PAGES = 0x670;
/** u32: the slot of USER_PAGES_LISTED that is given away next. */
export const USER_PAGES_NEXT = 0x674;
/** u32 each: offsets in this block of the supervisor TLB's entries for user-mode pages while CR4.SMAP is set, 0 for none. */
export const USER_PAGES_LISTED = 0x680;
export const USER_PAGES_SLOTS = 4;
/** i32 [shared]: TLB shootdowns asked for so far; the asking thread adds 1, sets DOORBELL_STOP and waits for the next. */
export const SHOOTDOWN_REQUEST = 0x668;
/** i32 [shared]: the last shootdown the vCPU has done (write tags withdrawn) at a safe point. */
export const SHOOTDOWN_DONE = 0x66c;
/** i32 [shared]: 1 while no instruction runs and none will before the next shootdown is answered: no thread waits for it. */
export const VCPU_STOPPED = 0x6fc;
/** u32: WATCH_* below: why the CPU runs one instruction at a time and looks at each access. */
export const WATCH = 0x6c8;
/** u32: traps that the running instruction has raised, as bits of DR6, or TRAP_NO_STEP. */
export const PENDING_TRAPS = 0x6cc;
/**
 * u32: features masked in CPUID: leaf 1 EDX and ECX, leaf 80000001h EDX, leaf 7 ECX and EBX; the signature to report instead of
 * this CPU's own, 0 for its own; 1 if the machine has a local APIC. All 0 unless the VM's specification says otherwise.
 */
export const CPUID_HIDDEN_EDX = 0x6d0;
export const CPUID_HIDDEN_ECX = 0x6d4;
export const CPUID_HIDDEN_EXTENDED_EDX = 0x6d8;
export const CPUID_SIGNATURE = 0x6dc;
export const HAS_LOCAL_APIC = 0x6e0;
export const CPUID_HIDDEN_LEAF7_ECX = 0x6e8;
export const CPUID_HIDDEN_LEAF7_EBX = 0x6f0;
/** u32: 1 from the delivery of an NMI to the next IRET: no other is taken. */
export const NMI_BLOCKED = 0x6e4;
/**
 * u32: a page of memory that was just found absent, counted from 1 and times 2, plus 1 if it is to be written; 0: none. Soon it
 * is the one that the vCPU waits for, or is cleared.
 */
export const ABSENT_PAGE = 0x6c0;
/** u32: the same for the page for which run() has returned EXIT_PAGE. */
export const AWAITED_PAGE = 0x6c4;
/**
 * u32: an event whose delivery waits for a page: 0, or PENDING_* with its vector; then its error code. It is delivered before anything
 * else happens.
 */
export const PENDING_EVENT = 0x6ec;
export const PENDING_ERROR = 0x6f4;
/** u32: memory windows in use, see WINDOWS. */
export const WINDOW_COUNT = 0x6f8;

/** In WATCH: DR7 has breakpoints on execution, data, ports; unaligned accesses fault. */
export const WATCH_EXECUTION = 1;
export const WATCH_DATA = 2;
export const WATCH_PORTS = 4;
export const WATCH_ALIGNMENT = 8;
/** In PENDING_TRAPS: the instruction was an interrupt, which is not single-stepped. */
export const TRAP_NO_STEP = 0x80000000;
/** In SHADOW: by STI, which holds back interrupts; by a load of SS, which holds back debug exceptions too. */
export const SHADOW_INTERRUPTS = 1;
export const SHADOW_ALL = 2;

// In USER_PAGES: always (CR4.SMAP is clear), not now, now since EFLAGS.AC is set.
export const USER_PAGES_FREE = 0;
export const USER_PAGES_CLOSED = 1;
export const USER_PAGES_OPEN = 2;

export const RUN_RUNNING = 0;
export const RUN_HALTED = 1;
export const RUN_SHUTDOWN = 2;

// ---- Counters, u64, written by the vCPU worker, read by anyone
export const N_INSTRUCTIONS = 0x700;
export const N_TRANSLATED = 0x708; // of them, in translated regions
export const N_TLB_MISSES = 0x710;
export const N_INTERRUPTS = 0x718;
export const N_EXCEPTIONS = 0x720;
export const N_REGION_ENTRIES = 0x728;
export const N_BLOCKS_DECODED = 0x730;
export const N_REGIONS = 0x738;
export const N_COLD_EXITS = 0x740; // regions left for one instruction (TLB miss, MMIO, fault)
export const N_INVALIDATIONS = 0x748;
export const N_UNDEFINED = 0x750; // instructions of extensions that this CPU does not have, which raised #UD
export const N_PORT_IO = 0x758;
export const N_MMIO = 0x760;
export const N_HALTS = 0x768;
export const N_BUSY_NS = 0x770; // ns during which the vCPU executed
export const N_USER_ENTRIES = 0x778; // transitions from another privilege level to level 3
// Why translated code was left to the dispatcher, in the order of COLD_* from N_EXITS_MISS on.
export const N_EXITS_SLICE = 0x780; // the slice was used up
export const N_EXITS_REQUEST = 0x788; // the doorbell, or code written over
export const N_EXITS_UNLINKED = 0x790; // no region known for where it went on
export const N_EXITS_MISS = 0x798; // an access that the TLB does not let pass: a miss, MMIO, a page with code
export const N_EXITS_FAULT = 0x7a0; // an exception, a segment check, or numbers that are rare
export const N_EXITS_INTERPRET = 0x7a8; // an instruction that is not translated
export const N_TRANSLATION_NS = 0x7b0; // ns spent on making regions, in the vCPU's worker or the translator's
// What there is now, not cumulative.
export const N_LIVE_REGIONS = 0x7b8;
export const N_LIVE_WASM_BYTES = 0x7c0; // bytes of WebAssembly of the live regions
export const N_LIVE_REGION_MEMORY = 0x7c8; // estimated bytes of the browser's memory that they take
// Cumulative again.
export const N_EVICTIONS = 0x7d0; // regions evicted because there were too many

/** Turns of the run loop begun, plus those ended: odd during one. */
export const N_TURNS = 0x7d8;

/** Bit n: code was fetched from a linear page with (linear >> 12) % 4096 == n since JC_GENERATION changed last. 512 bytes. */
export const CODE_PAGES = 0x800;
export const CODE_PAGES_BITS = 4096;

/** MTRRs, u64 each: default type; fixed ranges (64 KiB, two of 16 KiB, eight of 4 KiB); bases and masks of eight variable ranges. */
export const MTRR = 0xa00;
export const MTRR_FIXED = 0xa08;
export const MTRR_VARIABLE = 0xa60;
export const MTRR_COUNT = 28;

// ---- Memory map: what the guest-physical pages of a window lead to. The first window that a page lies in counts; a page in none
// is a device's or unmapped. Code that changes the map flushes the TLBs and drops the code read from what has changed.
export const WINDOWS = 0xb00;
export const WINDOW_MAXIMUM = 64;
export const WINDOW_SIZE = 16;
export const WINDOW_FIRST = 0; // u32 first page
export const WINDOW_PAGES = 4; // u32
export const WINDOW_READS = 8; // u32 the page of memory that reads of the first page reach, or NOT_MEMORY
export const WINDOW_WRITES = 12; // u32 the same for writes, or WRITES_DROPPED
/** In place of a page of memory: a device, or nothing. */
export const NOT_MEMORY = 0xffffffff;
/** The same: writes do nothing (ROM). */
export const WRITES_DROPPED = 0xfffffffe;
/** The same, for reads and writes alike: planar memory, see PLANAR_*. The least number that is no page of memory. */
export const PLANAR_MEMORY = 0xfffffffd;

// ---- Planar memory: memory of a device that the CPU reaches through latches and registers (cpu/monitor/memory/planar.ts says how), in the
// one window of it that a machine may have. The device writes all of this but for the latches, and the registers as far as REGISTERS_LOUD says.
export const PLANAR_WINDOW = 0xf00; // u32 first guest-physical page of the window
export const PLANAR_PAGE = 0xf04; // u32 the page of memory that position 0 begins
export const PLANAR_MASK = 0xf08; // u32: positions wrap here, a power of two less one
export const PLANAR_BANK = 0xf0c; // u32: what is added to an offset in the window, except where that counts through two planes
export const PLANAR_LATCHES = 0xf10; // u32: what the last read has left, plane 0 in the lowest byte
export const PLANAR_ACCESSES = 0xf14; // u32: how many there were, those of its registers included; wraps
/**
 * u32: a page of planar memory whose writes may go unseen as those through a write tag may, counted from 1; 0: none. It is withdrawn with the
 * write tags.
 */
export const PLANAR_GRANTED = 0xf18;
export const PLANAR_GRANTED_AT = 0xf1c; // u32: its machine address
export const PLANAR_SEQUENCER = 0xf20; // a register file
export const PLANAR_GRAPHICS = 0xf60; // a register file

// ---- Register file: byte registers behind an index port and the data port that follows it, of which the CPU does what it can without the
// device. Registers at or beyond the count do not exist: they are not written, and read by the device.
export const REGISTERS_PORT = 0; // u32 index port, 0 while there is no such file
export const REGISTERS_COUNT = 4; // u32, at most 16
export const REGISTERS_INDEX_BITS = 8; // u32: the bits that the index has
export const REGISTERS_INDEX = 12; // u32
export const REGISTERS_VALUES = 16; // u8 each
export const REGISTERS_BITS = 32; // u8 each: the bits that there are
export const REGISTERS_LOUD = 48; // u8 each: a write that changes one of these bits is the device's
export const REGISTERS_SIZE = 64;
export const REGISTERS_MAXIMUM = 16;

// ---- Soft TLBs: direct mapped, TLB_ENTRIES entries of 16 bytes, index (linear >> 12) & (TLB_ENTRIES - 1)
export const TLB_ENTRIES = 4096;
export const TLB_ENTRY_SIZE = 16;
export const TLB_READ_TAG = 0; // u32: linear page address, or TLB_INVALID
export const TLB_WRITE_TAG = 4; // u32: the same, withheld while a write must be seen
export const TLB_ADDEND = 8; // u32: machine address minus linear address
export const TLB_PHYSICAL = 12; // u32: guest-physical page address | TLB_GLOBAL
export const TLB_GLOBAL = 1;
/** In TLB_PHYSICAL: the page tables allow writing and the D bit is set, whatever the write tag withholds. */
export const TLB_WRITABLE = 2;
/** In TLB_PHYSICAL: execution is refused (NX, or SMEP). */
export const TLB_NO_EXECUTE = 4;
/** In TLB_PHYSICAL: a user-mode page. */
export const TLB_USER_PAGE = 8;
/** In place of a page with TLB_* bits: there is none, the walk ends in a fault. */
export const NO_PAGE = 0x800;
/** In a tag: put aside while supervisor code may not reach user-mode pages. */
export const TLB_PARKED = 2;
/** In a tag: a page of planar memory; the addend gives the offset in its window in place of a machine address. */
export const TLB_PLANAR = 4;
/** A tag that no page address equals. */
export const TLB_INVALID = 1;
export const TLB_SUPERVISOR = 0x1000;
export const TLB_USER = 0x11000;
/**
 * u16 each: entries filled since all were invalidated, counted from TLB_SUPERVISOR through both TLBs, perhaps more than once:
 * every valid entry is among the first TLB_FILLED_COUNT.
 */
export const TLB_FILLED = 0x21000;
export const TLB_FILLED_MAXIMUM = 10240;

// ---- Jump cache: direct mapped on the linear address of code, 16-byte entries,
// index (pc ^ pc >> 12) & (JC_ENTRIES - 1); an entry that another one has displaced stands at its index ^ 1
export const JC = 0x26000;
export const JC_ENTRIES = 4096;
export const JC_ENTRY_SIZE = 16;
export const JC_PC = 0; // u32 linear address of the block
export const JC_KEY = 4; // u32 mode | generation << 8
export const JC_TARGET = 8; // u32 machine address of its first record; if there is a region, the word of its entry there
export const JC_REGION = 12; // u32 table index of its region, 0 = none

// ---- Code table: blocks and regions by guest-physical address and mode, so that a miss of the jump cache need not ask the
// JavaScript side. By another hash than the jump cache so that what collides there does not here:
// (physical ^ mode << 24) * CT_HASH, its upper CT_BITS bits, is one of the CT_WAYS places of a set, which lie side by side; the
// latest entry is the first of them. It lies outside of the CPU block.
export const CT_BITS = 16;
export const CT_ENTRIES = 65536;
export const CT_WAYS = 4;
export const CT_HASH = 0x9e3779b1;
export const CT_ENTRY_SIZE = 48;
export const CT_PHYSICAL = 0; // u32
export const CT_MODE = 4; // u32 mode | CT_VALID
export const CT_TARGET = 8; // u32 as JC_TARGET
export const CT_REGION = 12; // u32 as JC_REGION
// Other pages that the code was read from, each u32 guest-physical page | 1, i32 bytes from the entry's page by linear address;
// the first u32 of 0 ends them.
export const CT_PAGES = 16;
export const CT_PAGE_SIZE = 8;
export const CT_MAXIMUM_PAGES = 4;
export const CT_VALID = 0x100;

// ---- Region counters: an entry for each region, its slot of the function table modulo RC_ENTRIES. Written by the regions
// themselves as they are left. They lie outside of the CPU block.
export const RC_ENTRIES = 8192;
export const RC_ENTRY_SIZE = 16;
export const RC_RUNS = 0; // u64: how often the region was entered
export const RC_INSTRUCTIONS = 8; // u64: instructions executed in it

// ---- Undoing a task switch that met an absent page: the registers as they were, and the TSS descriptors to be marked busy and free.
/** The block up to FAULT. */
export const TASK_UNDO = 0x36000;
export const TASK_UNDO_BUSY = 0x36600; // u32 selector, 0 for none
export const TASK_UNDO_FREE = 0x36604; // u32 selector, 0 for none

/** Bytes of a CPU block with its TLBs and jump cache. */
export const CPU_BLOCK_SIZE = 0x37000;

// ---- MODE bits: what decoding and translation depend on
export const MODE_CS32 = 1; // CS.D
export const MODE_SS32 = 2; // SS.B
export const MODE_USER = 4; // CPL 3
export const MODE_FLAT = 8; // CS DS ES SS: base 0, limit 4 GiB, readable and (but CS) writable
export const MODE_LONG = 16; // 64-bit code
export const MODE_REAL = 32; // real or virtual-8086 mode
export const MODE_VM86 = 64;
/** Not a mode: asks for a block of one single instruction. */
export const MODE_SINGLE = 128;

// ---- p2m: one u32 per page of memory. Bits 31..12 machine page address; low bits below. Other threads change entries by
// compare-and-exchange, and ask for a shootdown when they have taken something away; before that is answered the vCPU may
// still use what an entry allowed. An entry that is not present is its owner's to use.
export const P2M_PRESENT = 1;
/** Writes must break sharing first. */
export const P2M_COW = 2;

// ---- Why run() returned
export const EXIT_SLICE = 0; // budget used up
export const EXIT_HALT = 1; // HLT with nothing pending
export const EXIT_STOP = 2; // doorbell's stop bit
export const EXIT_SHUTDOWN = 3; // triple fault
/** AWAITED_PAGE is not here: run() again when it is. The instruction, or the delivery of an event, has changed nothing. */
export const EXIT_PAGE = 4;
/**
 * FERR#: an x87 error waits and CR0.NE is clear. The CPU stands before the next instruction that waits for the x87 until an interrupt is taken:
 * run() again when there is one.
 */
export const EXIT_FPU_ERROR = 5;

// ---- In PENDING_EVENT
export const PENDING_INTERRUPT = 0x100; // an external interrupt or an NMI
export const PENDING_EXCEPTION = 0x200;
export const PENDING_HAS_ERROR = 0x400; // only with PENDING_EXCEPTION

// ---- What a region returns: 0 to go on at RIP, else one instruction there is to be interpreted
export const COLD_MISS = 1;
export const COLD_FAULT = 2;
export const COLD_INTERPRET = 3;
// Exits that the region could have been made without.
/** The accesses that one check stands for lie in two pages; counted as a miss. */
export const COLD_STRADDLE = 4;
/** Numbers that the straight path of an instruction is not for; counted as a fault. */
export const COLD_RARE = 5;
/** The instruction reached planar memory, or its registers; that shows behind it, and no region returns this. */
export const COLD_PLANAR = 6;

// ---- Records of decoded instructions (the interpreter's threaded code), 32 bytes
export const REC_SIZE = 32;
export const REC_HANDLER = 0; // u32 table index
export const REC_OP0 = 4; // u16 CPU-block offset of the register operand
export const REC_OP1 = 6; // u16
export const REC_OP2 = 8; // u16 register, or a small immediate
export const REC_DELTA = 10; // u16 address of the instruction minus address of the block
export const REC_IMM = 12; // i32
export const REC_BASE = 16; // u16 CPU-block offset of the base register, ZERO if none
export const REC_INDEX = 18; // u16
export const REC_DISP = 20; // i32
export const REC_SCALE = 24; // u8 shift 0..3
export const REC_SEG = 25; // u8 segment number
export const REC_LENGTH = 26; // u8 bytes of the instruction
export const REC_LEFT = 27; // u8 instructions of the block after this one
export const REC_MASK = 28; // u32 address-size mask of the effective address

/** Frequency of the guest's time-stamp counter. */
export const TSC_HZ = 1000000000;
