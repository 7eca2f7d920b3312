// Planets under gravity, symplectic Euler in double precision; in a header because it is compiled twice, with x87 and with SSE2
// arithmetic. Define WORKLOAD and WORKLOAD_NAME before including it.
#include <math.h>
#include <string.h>

#include "workload.h"

enum { BODIES = 5, STEPS = 1400000 };

static const double STEP = 0.01;

struct body {
  double position[3], velocity[3], mass;
};

static double distance_squared(const struct body *a, const struct body *b, double delta[3]) {
  double sum = 0;
  for (int axis = 0; axis < 3; axis++) {
    delta[axis] = a->position[axis] - b->position[axis];
    sum += delta[axis] * delta[axis];
  }
  return sum;
}

static void attract(struct body *a, struct body *b) {
  double delta[3];
  double square = distance_squared(a, b, delta);
  double magnitude = STEP / (square * sqrt(square));
  for (int axis = 0; axis < 3; axis++) {
    a->velocity[axis] -= delta[axis] * b->mass * magnitude;
    b->velocity[axis] += delta[axis] * a->mass * magnitude;
  }
}

static void advance(struct body bodies[BODIES]) {
  for (int i = 0; i < BODIES; i++)
    for (int j = i + 1; j < BODIES; j++) attract(&bodies[i], &bodies[j]);
  for (int i = 0; i < BODIES; i++)
    for (int axis = 0; axis < 3; axis++) bodies[i].position[axis] += STEP * bodies[i].velocity[axis];
}

// A heavy body in the middle and light ones on nearly circular orbits.
static void place(struct body bodies[BODIES]) {
  memset(bodies, 0, sizeof(struct body) * BODIES);
  bodies[0].mass = 40;
  for (int i = 1; i < BODIES; i++) {
    double radius = 3 * i;
    bodies[i].mass = 0.01 * i;
    bodies[i].position[i % 2] = radius;
    bodies[i].position[2] = 0.1 * i;
    bodies[i].velocity[1 - i % 2] = sqrt(bodies[0].mass / radius);
  }
}

static uint32_t run(void) {
  struct body bodies[BODIES];
  place(bodies);
  for (int i = 0; i < STEPS; i++) advance(bodies);
  uint32_t words[sizeof bodies / 4], hash = FNV_START;
  memcpy(words, bodies, sizeof bodies);
  for (unsigned i = 0; i < sizeof bodies / 4; i++) hash = mix(hash, words[i]);
  return hash;
}

const struct workload WORKLOAD = {.name = WORKLOAD_NAME, .run = run};
