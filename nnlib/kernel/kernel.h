/* What the kernels share: two samples at a time, the hidden neurons, and numpy's sums. */

#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(name)))

enum {
    STEPS = 512, /* of the table, in a unit */
    END = 40,    /* where it ends */
    BLOCK = 128, /* samples that numpy sums at one go */
};

typedef double two __attribute__((vector_size(16)));
typedef struct { two r[4]; } eight;

static inline two load(const double *a) { return wasm_v128_load(a); }
static inline void store(double *a, two value) { wasm_v128_store(a, value); }

extern double table[2 * STEPS * END + 1]; /* as kernel.c has it */

/* Section 2.3: the hidden neurons of m samples, each in a row of H, and in e their sum times V. Rows
 * of H are `stride` apart. */
void hidden_neurons(const double *weights, uint32_t h, const double *x, uint32_t m, double *H,
                    uint32_t stride, double *e);

/* numpy's eight running sums, which begin with 0 and are added up in pairs. */
static inline double add_up(eight s)
{
    two a = s.r[0], b = s.r[1], c = s.r[2], d = s.r[3];
    return ((a[0] + a[1]) + (b[0] + b[1])) + ((c[0] + c[1]) + (d[0] + d[1]));
}
