/* Types, ports, strings: what every file needs. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static inline u8 inb(u16 port) {
  u8 value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline u16 inw(u16 port) {
  u16 value;
  __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline void outb(u16 port, u8 value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
static inline void outw(u16 port, u16 value) { __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port)); }

/* Switches interrupts off; `interrupts_restore` takes the answer. */
static inline u32 interrupts_off(void) {
  u32 flags;
  __asm__ volatile("pushfl; popl %0; cli" : "=r"(flags) : : "memory");
  return flags;
}

static inline void interrupts_restore(u32 flags) {
  __asm__ volatile("pushl %0; popfl" : : "r"(flags) : "memory", "cc");
}

void *memcpy(void *to, const void *from, u32 bytes);
void *memmove(void *to, const void *from, u32 bytes);
void *memset(void *to, int value, u32 bytes);
int memcmp(const void *a, const void *b, u32 bytes);
u32 strlen(const char *text);
bool same(const char *a, const char *b);
void copy_text(char *to, const char *from, u32 size);
char upper(char c);

/* A decimal number, or false when `text` is none below 2^32. */
bool parse_number(const char *text, u32 *number);

/* %d %u %x %s %c %%, with a width, `-` and `0`. Cuts at `size` and always ends with 0; returns the length. */
u32 format(char *to, u32 size, const char *pattern, va_list arguments);
u32 format_to(char *to, u32 size, const char *pattern, ...) __attribute__((format(printf, 3, 4)));
