/* Page tables and what a page fault leaves: for the cases about paging. */
#ifndef PAGING_H
#define PAGING_H

#include "machine.h"

#define P 1
#define W 2
#define U 4
#define A 0x20
#define D 0x40
#define PS 0x80
#define G 0x100

static inline u32 fault_address(void) {
  u32 value;
  __asm__ volatile("movl %%cr2, %0; movl %1, %%cr2" : "=&r"(value) : "r"(0));
  return value;
}

static inline void set_wp(u32 on) {
  u32 value;
  __asm__ volatile("movl %%cr0, %0" : "=r"(value));
  value = on ? value | 0x10000 : value & ~0x10000u;
  __asm__ volatile("movl %0, %%cr0" : : "r"(value));
}

static inline void directory(u32 linear, u32 entry) {
  poke32(TABLES + (linear >> 22) * 4, entry);
  __asm__ volatile("movl %%cr3, %%eax; movl %%eax, %%cr3" : : : "eax", "memory");
}

#define FAULTING(name, ...) do { RUN32(name, __VA_ARGS__); show_value("cr2", fault_address()); } while (0)

#endif
