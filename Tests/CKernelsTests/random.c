// Seeded inputs, row lengths and digests, the same on every machine: integer arithmetic and exact
// conversions. The generator is SplitMix64 (Steele, Lea and Flood, 2014), the digest FNV-1a.
#include "check.h"

static uint64_t state, digest;

void seed_random(uint64_t seed) { state = seed; }

uint64_t random_bits(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

size_t random_below(size_t end) { return (size_t)(random_bits() % end); }

float random_between(float low, float high) {
  const double share = (double)(random_bits() >> 40) * 0x1p-24; // 24 bits: exact
  return (float)((double)low + ((double)high - (double)low) * share);
}

guard_side random_side(void) { return random_below(2) == 0 ? AT_START : AT_END; }

void fill(float *values, size_t count, float low, float high) {
  for (size_t i = 0; i < count; i++) values[i] = random_between(low, high);
}

void digest_begin(void) { digest = 0xcbf29ce484222325u; }

void digest_add(const void *bytes, size_t count) {
  for (const unsigned char *byte = bytes; count > 0; count--, byte++)
    digest = (digest ^ *byte) * 0x100000001b3u;
}

uint64_t digest_value(void) { return digest; }

// Multiples of every vector width with their neighbours, primes, and the models' own sizes.
static const uint16_t lengths[] = {0,  1,  2,   3,   4,   5,   7,   8,   9,   11,  12,  13,   15,
                                   16, 17, 23,  24,  25,  31,  32,  33,  47,  48,  49,  63,   64,
                                   65, 97, 127, 128, 129, 255, 256, 257, 384, 576, 768, 1152, 1153};

size_t row_length_count(void) {
  const size_t all = sizeof lengths / sizeof lengths[0];
  return quick ? 27 : all;
}

size_t row_length(size_t index) { return lengths[index]; }
