// 2^y as bf16 bits by integer arithmetic. y comes in steps of 1/128, biased by 127: its upper bits are the
// exponent, its lower seven index this table, which holds how far the mantissa 128 (2^f - 1) stays
// below the index 128 f. Relative error of a rounded y and a rounded mantissa together: below 0.7%.
#include <stdint.h>

/// Score units: the caller scales scores so that one step is 1/128 of a power of 2.
enum { GK_SCORE_STEPS = 128, GK_SCORE_ONE = 127 * GK_SCORE_STEPS };

static const uint8_t gk_exp2_shortfall[128] __attribute__((aligned(64))) = {
    0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6,
    6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 9, 10, 10, 10, 10,
    10, 10, 10, 10, 10, 10, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
    11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 10, 10, 10, 10, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9,
    9, 9, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 6, 6, 6, 6, 5, 5, 5, 4, 4, 4, 3, 3,
    3, 3, 2, 2, 1, 1, 1, 0,
};
