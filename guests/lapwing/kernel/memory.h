/* The BIOS's map of memory, paging, and the thread that writes memory for experiments with migration. */
#pragma once
#include "base.h"
#include "console.h"

/* An entry of INT 15h E820; type 1 is RAM. */
struct memory_range {
  u64 start, length;
  u32 type;
} __attribute__((packed));

extern struct memory_range memory_map[];
extern u32 memory_ranges;

/* Maps what the BIOS told of, but not page 0: a null pointer faults. */
void memory_init(void);
bool memory_mapped(u32 address, u32 length);
/* Bytes of RAM below 4 GiB. */
u32 memory_size(void);

struct writer {
  bool runs;
  u32 rate;            /* MiB/s */
  u32 size;            /* MiB that are written round and round */
  u32 written;         /* MiB since the start */
  u32 passes, errors;  /* rounds; words that were not what the round before had left */
};

/* Starts the writer; an error to show, or 0. */
const char *writer_start(u32 rate, u32 size, struct console *console);
void writer_stop(void);
struct writer writer_state(void);
