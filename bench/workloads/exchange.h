// Two processes that pass a byte to and fro.
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include <stdint.h>

// Forks; `mine` and `its` are what each reads from and writes to. Returns a checksum of the byte that came back last.
uint32_t exchange(const int mine[2], const int its[2], int exchanges);

// The same by two pipes.
uint32_t exchange_by_pipes(int exchanges);

#endif
