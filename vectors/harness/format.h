// The vector file: see ../README.md, "Format".
#pragma once
#include <stdio.h>
#include "vector.h"

void format_header(FILE *file, const char *group, uint32_t count, int simd);
// Writes an executed vector.
void format_vector(FILE *file, const struct vector *v);
